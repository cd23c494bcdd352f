using System.Globalization;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Grains.Purge;

namespace OrleansCdn.Grains.Tests;

public sealed class PurgeKeysTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_key_whose_append_failed_is_free_again()
    {
        var keys = new PurgeKeys([], Now);
        var write = new TaskCompletionSource<PurgeReceipt>();
        keys.Begin(Key(1), write.Task);
        Assert.NotNull(keys.Find(Key(1), Now));
        write.SetException(new InvalidOperationException());
        Assert.Null(keys.Find(Key(1), Now));
        keys.Begin(Key(1), Task.FromResult(Receipt(1, Now)));
        Assert.NotNull(keys.Find(Key(1), Now));
    }

    [Fact]
    public void What_was_stored_is_known_until_it_is_a_day_old()
    {
        var keys = new PurgeKeys([Receipt(1, Now - PurgeKeys.Age), Receipt(2, Now - PurgeKeys.Age + TimeSpan.FromSeconds(1))], Now);
        Assert.Null(keys.Find(Key(1), Now));
        Assert.NotNull(keys.Find(Key(2), Now));
        Assert.Null(keys.Find(Key(2), Now + TimeSpan.FromSeconds(1)));
    }

    [Fact]
    public void The_number_of_keys_is_bounded_and_the_oldest_go()
    {
        var keys = new PurgeKeys(Enumerable.Range(0, PurgeKeys.MaxKeys).Select(i => Receipt(i, Now)), Now);
        keys.Begin(Key(-1), Task.FromResult(Receipt(-1, Now)));
        Assert.Equal(PurgeKeys.MaxKeys, keys.Count);
        Assert.Null(keys.Find(Key(0), Now));
        Assert.NotNull(keys.Find(Key(1), Now));
        Assert.NotNull(keys.Find(Key(-1), Now));
    }

    private static PurgeKey Key(int number) => new(number.ToString(CultureInfo.InvariantCulture), "content");

    private static PurgeReceipt Receipt(int number, DateTimeOffset when) => new()
    {
        Id = "e-1", Cursor = new PurgeCursor("e", 1), When = when, Who = "test", Site = "www", Kind = PurgeKind.Tag, Soft = false, Entries = 1, Key = Key(number),
    };
}
