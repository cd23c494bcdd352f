// Runs the public suite `http-cache-tests` against a cache and writes what came out.
//
//   node suite.mjs BASE_URL RESULTS_FILE PAGE_FILE
//
// The suite's own server must be running behind the cache (see SuiteServer.cs).
import fs from 'node:fs'
import path from 'node:path'
import { createRequire } from 'node:module'
import fetch from 'node-fetch'
import * as config from 'http-cache-tests/client/config.mjs'
import { makeCacheTest, testResults } from 'http-cache-tests/client/test.mjs'
import groups from 'http-cache-tests/tests/index.mjs'
import implementations from 'http-cache-tests/results/index.mjs'
import { corrections } from './corrections.mjs'

const [base, resultsFile, pageFile] = process.argv.slice(2)
const root = path.dirname(createRequire(import.meta.url).resolve('http-cache-tests/package.json'))
const version = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')).version

// Cases that only a browser's cache can have are not for this one.
const tests = groups.flatMap(group => group.tests.filter(test => !test.browser_only).map(test => ({ ...test, group: group.name })))
for (const test of tests) corrections[test.id]?.apply(test)
const byId = new Map(tests.map(test => [test.id, test]))
const kindOf = test => test.kind ?? 'required'

config.setFetch(fetch)
config.setBaseUrl(base)
config.setUseBrowserCache(false)

async function run (list, atOnce) {
  for (let i = 0; i < list.length; i += atOnce) {
    await Promise.all(list.slice(i, i + atOnce).map(test => {
      delete testResults[test.id]
      return makeCacheTest(test)
    }))
  }
}

// 'pass', 'fail', or 'none': something that the case builds upon does not hold, so that it says nothing.
function verdict (results, test) {
  const holds = id => byId.has(id) && verdict(results, byId.get(id)) === 'pass'
  if (!(test.depends_on ?? []).every(holds)) return 'none'
  return results[test.id] === true ? 'pass' : 'fail'
}

await run(tests, 50)

// The cases measure lifetimes of a few seconds: on a busy machine one may be late. What fails is wrong twice.
await run(tests.filter(test => kindOf(test) !== 'check' && testResults[test.id] !== true), 4)

const summary = {}
for (const kind of ['required', 'optimal', 'check']) {
  const all = tests.filter(test => kindOf(test) === kind)
  const bad = all.filter(test => verdict(testResults, test) !== 'pass')
  summary[kind] = {
    total: all.length,
    passed: all.length - bad.length,
    others: bad.map(test => `${test.id}: ${verdict(testResults, test)} ${JSON.stringify(testResults[test.id])}`)
  }
}
fs.writeFileSync(resultsFile, JSON.stringify({ version, ...summary }, null, 2))
fs.writeFileSync(pageFile, page())

function page () {
  const others = implementations
    .filter(cache => cache.type !== 'browser')
    .map(cache => ({ ...cache, results: JSON.parse(fs.readFileSync(path.join(root, 'results', cache.file), 'utf8')) }))
  const own = { name: 'OrleansCdn', version: '', results: testResults }
  const caches = [own, ...others]
  const count = (cache, kind) => {
    const all = tests.filter(test => kindOf(test) === kind)
    return `${all.filter(test => verdict(cache.results, test) === 'pass').length} of ${all.length}`
  }
  const mark = { pass: '✓', fail: '✗', none: '–' }
  const out = []
  out.push('# Conformance', '')
  out.push('<!-- Written by tests/Conformance.Tests; do not edit. -->', '')
  out.push(`What \`http-cache-tests\` ${version} from npm says of one edge with the config \`tests/Conformance.Tests/edge.yaml\`, beside the results of`)
  out.push('other caches that come with the suite. To make this page again: `./test.sh Conformance`.', '')
  out.push('Required cases follow from the specifications; optimal ones are what a cache may do to be better; the rest only shows')
  out.push('behaviour, for which there is no right or wrong.', '')
  out.push('| cache | required | optimal |', '|---|---|---|')
  for (const cache of caches) out.push(`| ${`${cache.name} ${cache.version}`.trim()} | ${count(cache, 'required')} | ${count(cache, 'optimal')} |`)
  out.push('', '## Cases that are run otherwise than the package has them', '')
  out.push('The package is older than RFC 9111. Where that RFC says otherwise, and the suite\'s own repository has been changed since,')
  out.push('the case is run as it stands there. The other caches\' results are those of the package.', '')
  out.push('| case | why |', '|---|---|')
  for (const [id, correction] of Object.entries(corrections)) out.push(`| \`${id}\` | ${correction.why} |`)
  out.push('', '## Every case', '')
  out.push('✓ passed or yes, ✗ failed or no, – not applicable: what the case builds upon does not hold.', '')
  for (const group of groups) {
    const cases = tests.filter(test => test.group === group.name)
    if (cases.length === 0) continue
    out.push(`### ${group.name}`, '', `| case | kind | ${caches.map(cache => cache.name).join(' | ')} |`, `|---|---|${caches.map(() => '---|').join('')}`)
    for (const test of cases) {
      const kind = kindOf(test) === 'check' ? 'shows' : kindOf(test)
      out.push(`| \`${test.id}\` | ${kind} | ${caches.map(cache => mark[verdict(cache.results, test)]).join(' | ')} |`)
    }
    out.push('')
  }
  return out.join('\n')
}
