using Microsoft.AspNetCore.Http;
using OrleansCdn.Edge.Cache;

namespace OrleansCdn.Edge.Tests.Cache;

public sealed class MemoryStoreTests
{
    private static readonly HeaderDictionary NoFields = [];

    private static StoredResponse Object(string target, int bytes, VarySelector? vary = null)
    {
        var key = new CacheKey("s", false, "h", target);
        return new StoredResponse
        {
            Key = key, Url = key.Url, Status = 200, Header = ResponseHeader.Empty, VisitorHeader = ResponseHeader.Empty, Body = new CachedBody(new byte[bytes]),
            Vary = vary ?? VarySelector.None, Tags = [], InitialAge = 0, ReceivedAt = 0,
            Storage = new StorageDecision { Reason = NotStoredReason.None, Lifetime = 60 },
        };
    }

    private static StoredResponse? Find(MemoryStore store, string target) =>
        store.TryGet(new CacheKey("s", false, "h", target), out CachedResource? resource) ? resource.Select(NoFields) : null;

    [Fact]
    public void It_agrees_with_a_naive_model_and_never_holds_more_than_its_bytes()
    {
        for (int seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var store = new MemoryStore(200_000);
            var newest = new Dictionary<string, StoredResponse>();
            for (int step = 0; step < 3000; step++)
            {
                string target = "/" + random.Next(200);
                switch (random.Next(4))
                {
                    case 0:
                        StoredResponse added = Object(target, random.Next(1, 8000));
                        store.Put(added);
                        newest[target] = added;
                        break;
                    case 1 when Find(store, target) is { } found:
                        store.Remove(found);
                        newest.Remove(target);
                        break;
                    default:
                        if (Find(store, target) is { } hit)
                        {
                            MemoryStore.Touch(hit);

                            // What is found is always the last that was put.
                            Assert.True(ReferenceEquals(hit, newest.GetValueOrDefault(target)), $"seed {seed} step {step}");
                        }

                        break;
                }

                Assert.True(store.Bytes <= store.CapacityBytes, $"seed {seed} step {step}: {store.Bytes} held");
                Assert.True(store.Count <= newest.Count);
            }

            Assert.Equal(store.Count, store.Enumerate().Count());
            foreach (StoredResponse left in store.Enumerate().ToArray())
            {
                store.Remove(left);
            }

            Assert.Equal(0, store.Count);
            Assert.Empty(store.Enumerate());
        }
    }

    [Fact]
    public void A_scan_does_not_push_out_what_is_asked_for_again_and_again()
    {
        var store = new MemoryStore(1_000_000);
        string[] hot = [.. Enumerable.Range(0, 50).Select(i => "/hot" + i)];
        foreach (string target in hot)
        {
            store.Put(Object(target, 4000));
            for (int i = 0; i < 3; i++)
            {
                MemoryStore.Touch(Find(store, target)!);
            }
        }

        for (int i = 0; i < 5000; i++)
        {
            store.Put(Object("/scan" + i, 4000));
        }

        Assert.Equal(hot.Length, hot.Count(t => Find(store, t) is not null));
    }

    [Fact]
    public void Variants_per_key_are_capped_and_the_oldest_goes()
    {
        var store = new MemoryStore(10_000_000);
        for (int i = 0; i < 200; i++)
        {
            var request = new HeaderDictionary { ["X"] = i.ToString() };
            store.Put(Object("/x", 100, VarySelector.Of(["x"], request)));
        }

        Assert.Equal(CachedResource.MaxVariants, store.Count);
        Assert.Null(Find(store, "/x"));
        store.TryGet(new CacheKey("s", false, "h", "/x"), out CachedResource? resource);
        Assert.NotNull(resource!.Select(new HeaderDictionary { ["X"] = "199" }));
        Assert.Null(resource.Select(new HeaderDictionary { ["X"] = "0" }));
    }

    [Fact]
    public void An_object_larger_than_the_store_leaves_again_and_counts_nothing()
    {
        var store = new MemoryStore(10_000);
        store.Put(Object("/x", 20_000));
        Assert.Equal(0, store.Count);
        Assert.Null(Find(store, "/x"));
        Assert.True(store.Bytes <= store.CapacityBytes);
    }

    [Fact]
    public void Racing_puts_removals_and_lookups_leave_no_trace()
    {
        var store = new MemoryStore(300_000);
        Parallel.For(0, 4, worker =>
        {
            var random = new Random(worker);
            for (int i = 0; i < 20_000; i++)
            {
                string target = "/" + random.Next(50);
                if (random.Next(3) == 0)
                {
                    store.Put(Object(target, random.Next(1, 10_000)));
                }
                else if (Find(store, target) is { } found && random.Next(4) == 0)
                {
                    store.Remove(found);
                }
            }
        });
        Assert.True(store.Bytes <= store.CapacityBytes);
        Assert.Equal(store.Count, store.Enumerate().Count());
        foreach (StoredResponse left in store.Enumerate().ToArray())
        {
            store.Remove(left);
        }

        Assert.Equal(0, store.Count);
    }

    [Fact]
    public void The_table_of_uncacheable_keys_is_bounded_and_forgets()
    {
        var table = new HitForMissTable();
        var first = new CacheKey("s", false, "h", "/first");
        table.Add(first, NotStoredReason.Private, 0);
        Assert.True(table.Contains(first, 119));
        Assert.False(table.Contains(first, 120));
        for (int i = 0; i < 70_000; i++)
        {
            table.Add(new CacheKey("s", false, "h", "/" + i), NotStoredReason.Private, 0);
        }

        Assert.False(table.Contains(first, 1));
        Assert.True(table.Contains(new CacheKey("s", false, "h", "/69999"), 1));
    }

    [Fact]
    public void A_noted_reason_neither_begins_nor_ends_hit_for_miss()
    {
        var table = new HitForMissTable();
        var key = new CacheKey("s", false, "h", "/x");
        table.Note(key, NotStoredReason.OriginError, 5);
        Assert.False(table.Contains(key, 5));
        Assert.Equal(NotStoredReason.OriginError, table.Find(key)!.Value.Reason);
        table.Add(key, NotStoredReason.Private, 6);
        table.Note(key, NotStoredReason.NoMemory, 7);
        Assert.True(table.Contains(key, 125));
        Assert.Equal(new NotStored(NotStoredReason.NoMemory, 7, 126), table.Find(key));
        table.Remove(key);
        Assert.Null(table.Find(key));
    }
}
