// Where the packaged suite, which is older than RFC 9111 (2022), asks for something else than RFC 9111 does. The suite's
// repository has changed these cases in the same way since.

function expect (type) {
  return test => { test.requests = [test.requests[0], { ...test.requests[1], expected_type: type }] }
}

const ignored = { why: 'RFC 9111 §5.1: an `Age` that is no number is ignored.', apply: expect('cached') }
const first = { why: 'RFC 9111 §5.1: of several `Age` values the first counts.', apply: expect('cached') }

const unanswered = {
  why: 'The origin has hung up, so a cache that does not serve stale answers with an error of its own; the package takes any answer without the origin\'s counter as one from the cache.',
  apply: test => {
    test.requests = [test.requests[0], {
      disconnect: true,
      expected_status: 502,
      check_body: false,
      expected_response_headers_missing: ['server-request-count']
    }]
  }
}

const asQuestion = why => ({ why, apply: test => { test.kind = 'check' } })

export const corrections = {
  'age-parse-nonnumeric': ignored,
  'age-parse-negative': ignored,
  'age-parse-float': ignored,
  'age-parse-prefix-twoline': first,
  'age-parse-dup-0': first,
  'age-parse-dup-0-twoline': first,
  'age-parse-dup-old': first,
  'age-parse-parameter': asQuestion('No longer required: RFC 9111 §5.1 has a parameter ignored with the rest of an invalid `Age`.'),
  'age-parse-numeric-parameter': asQuestion('As above.'),
  'stale-close-must-revalidate': unanswered,
  'stale-close-proxy-revalidate': unanswered,
  'stale-close-no-cache': unanswered,
  'stale-close-s-maxage=2': unanswered,
  '304-etag-update-response-ETag': asQuestion('No longer required: RFC 9111 §4.3.4 forbids to update a stored response with a 304 that has another strong validator.')
}
