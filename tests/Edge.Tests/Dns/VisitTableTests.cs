using OrleansCdn.Edge.Dns.Visits;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Dns;

/// <summary>What is remembered under random ids: a ring with bounds.</summary>
public sealed class VisitTableTests
{
    private static readonly VisitPlace Warsaw = new("EU", "PL", "PL", 5617);

    private readonly FakeTimeProvider _time = new();
    private readonly VisitTable _table;

    public VisitTableTests() => _table = new VisitTable(_time);

    [Fact]
    public void What_was_issued_is_found()
    {
        VisitFacts facts = Facts(7);
        uint id = _table.Issue(facts);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(VisitVerdict.Found, _table.Find(id, out Visit visit));
        Assert.Equal(facts, visit.Facts);
        Assert.Equal(TimeSpan.FromSeconds(3), visit.Age);
    }

    [Fact]
    public void An_id_that_was_never_issued_is_unknown()
    {
        uint id = _table.Issue(Facts(7));
        Assert.Equal(VisitVerdict.Unknown, _table.Find(id ^ 0x8000_0000, out Visit visit));
        Assert.Equal(default, visit);
        Assert.Equal(VisitVerdict.Unknown, _table.Find(0, out _));
    }

    [Fact]
    public void What_is_too_old_is_not_told()
    {
        uint id = _table.Issue(Facts(7));
        _time.Advance(VisitTable.MaxAge);
        Assert.Equal(VisitVerdict.Found, _table.Find(id, out _));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(VisitVerdict.TooOld, _table.Find(id, out Visit visit));
        Assert.Equal(default, visit);
    }

    /// <summary>Three times round: the last <see cref="VisitTable.Capacity"/> are there, all others are gone, and nothing has grown.</summary>
    [Fact]
    public void A_flood_overwrites_the_oldest_in_constant_memory()
    {
        uint[] ids = new uint[3 * VisitTable.Capacity];
        VisitFacts facts = Facts(0);
        _table.Issue(facts);
        long issued = 0;
        Assert.Equal(0, Allocations.Of(() =>
        {
            issued = _table.Issued;
            for (int i = 0; i < ids.Length; i++)
            {
                ids[i] = _table.Issue(facts with { Resolver = (UInt128)i });
            }
        }));
        Assert.Equal(issued + ids.Length, _table.Issued);
        int found = 0;
        for (int i = 0; i < ids.Length; i++)
        {
            if (_table.Find(ids[i], out Visit visit) == VisitVerdict.Found && visit.Facts.Resolver == (UInt128)i)
            {
                Assert.True(i >= ids.Length - VisitTable.Capacity, $"{i} is still there");
                found++;
            }
        }

        Assert.Equal(VisitTable.Capacity, found);
        Assert.Equal(VisitTable.Capacity, ids[^VisitTable.Capacity..].Distinct().Count());
        Assert.All(ids, id => Assert.True(id >= VisitTable.MinId));
    }

    /// <summary>A generator that repeats itself: an id in use is not given out again, nor one below the least.</summary>
    [Fact]
    public void No_two_answers_that_are_remembered_share_an_id()
    {
        int calls = 0;
        var table = new VisitTable(_time, octets =>
        {
            // One number over and over; with every third batch another one.
            octets.Fill((byte)(++calls / 3));
        });
        uint[] ids = [.. Enumerable.Range(0, 5).Select(i => table.Issue(Facts((byte)i)))];
        Assert.Equal(5, ids.Distinct().Count());
        for (int i = 0; i < ids.Length; i++)
        {
            Assert.Equal(VisitVerdict.Found, table.Find(ids[i], out Visit visit));
            Assert.Equal(Facts((byte)i), visit.Facts);
        }
    }

    [Fact]
    public void Ids_cannot_be_told_from_those_before()
    {
        // Bits of the differences of neighbours: a counter, or a slot in clear text, would leave some of them alone.
        int[] flips = new int[32];
        uint last = _table.Issue(Facts(0));
        const int Rounds = 4096;
        for (int i = 0; i < Rounds; i++)
        {
            uint next = _table.Issue(Facts(0));
            for (int bit = 0; bit < 32; bit++)
            {
                flips[bit] += (int)(((next ^ last) >> bit) & 1);
            }

            last = next;
        }

        // Half of them, within ten standard deviations.
        Assert.All(flips, count => Assert.InRange(count, (Rounds / 2) - 320, (Rounds / 2) + 320));
    }

    /// <summary>
    /// A reader beside the writer sees whole entries or none: each says the same thing three times. It asks for what is overwritten next, again
    /// and again, so that the two meet.
    /// </summary>
    [Fact]
    public void A_reader_beside_a_writer_never_sees_half_an_entry()
    {
        const int Rounds = 24 * VisitTable.Capacity;
        uint[] ids = new uint[Rounds];
        int torn = 0;
        long whole = 0;
        long gone = 0;
        var reader = new Thread(() =>
        {
            for (long issued = _table.Issued; issued < Rounds; issued = _table.Issued)
            {
                if (issued < VisitTable.Capacity)
                {
                    continue;
                }

                if (_table.Find(Volatile.Read(ref ids[issued - VisitTable.Capacity]), out Visit visit) != VisitVerdict.Found)
                {
                    gone++;
                    continue;
                }

                whole++;
                torn += visit.Facts.Subnet == visit.Facts.Resolver && visit.Facts.SubnetBits == (int)visit.Facts.Resolver ? 0 : 1;
            }
        });
        reader.Start();
        for (int i = 0; i < Rounds; i++)
        {
            UInt128 number = (UInt128)i;
            Volatile.Write(ref ids[i], _table.Issue(Facts(0) with { Resolver = number, Subnet = number, SubnetBits = i }));
        }

        reader.Join();
        Assert.Equal(0, torn);
        Assert.True(whole > 0 && gone > 0, $"{whole} were read whole, {gone} were gone: the two did not meet");
    }

    private static VisitFacts Facts(byte number) => new()
    {
        Name = "where.example.net",
        Resolver = number,
        ResolverPlace = Warsaw,
        Subnet = (UInt128)number << 64,
        SubnetBits = 56,
        SubnetPlace = Warsaw with { Asn = number },
        Rule = "europe",
        Pop = "waw",
    };
}
