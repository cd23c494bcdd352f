using System.Collections.Immutable;
using OrleansCdn.Contracts.Cluster;
using OrleansCdn.Contracts.Config;
using OrleansCdn.Contracts.Control;
using OrleansCdn.Contracts.Dns;

namespace OrleansCdn.Grains.Pop;

/// <summary>What a PoP knows of config, purges, peers and eligibility, and what of that an edge lacks.</summary>
internal sealed class FeedMirror
{
    /// <summary>Null: none is in force, or none is known yet.</summary>
    public ConfigSnapshot? Config { get; private set; }

    public PurgeTail Purges { get; } = new();

    public PurgesPending Ahead { get; } = new();

    /// <summary>An empty version: not known yet.</summary>
    public DirectoryView Peers { get; private set; } = new("", []);

    public Eligibility Eligibility { get; private set; } = Eligibility.None;

    /// <summary>True when it is news. Within one history an older version is not.</summary>
    public bool Offer(ConfigSnapshot snapshot)
    {
        if (Config is { } known && known.Epoch == snapshot.Epoch && known.Version >= snapshot.Version)
        {
            return false;
        }

        Config = snapshot;
        return true;
    }

    /// <summary>True when it is news.</summary>
    public bool Offer(DirectoryView view)
    {
        if (view.Version == Peers.Version)
        {
            return false;
        }

        Peers = view;
        return true;
    }

    /// <summary>True when it is news: an older decision never is (I8).</summary>
    public bool Offer(Eligibility eligibility)
    {
        if (eligibility.Epoch <= Eligibility.Epoch)
        {
            return false;
        }

        Eligibility = eligibility;
        return true;
    }

    /// <summary>Null: there are none, or none are known yet.</summary>
    public DnsSecrets? Dns { get; private set; }

    /// <summary>True when they are news.</summary>
    public bool Offer(DnsSecrets secrets)
    {
        if (Dns is { } known && !secrets.Replaces(known.Held))
        {
            return false;
        }

        Dns = secrets;
        return true;
    }

    public PopConfig? FindPop(string id) => Config?.Config.FindPop(id);

    /// <summary>Messages for an edge that stands at <paramref name="position"/>.</summary>
    /// <param name="position">What it has.</param>
    /// <param name="servesDns">Whether the config has it answer DNS: others are given no secrets.</param>
    public MissingNews Missing(FeedPosition position, bool servesDns = false)
    {
        ImmutableArray<SiloMessage>.Builder messages = ImmutableArray.CreateBuilder<SiloMessage>();

        // Before a config that wants a zone signed: from its first moment on there are keys for it.
        if (Dns is { } secrets && position.Dns is { } held && secrets.Replaces(held) && servesDns)
        {
            messages.Add(secrets);
            position = position with { Dns = secrets.Held };
        }

        if (Config is { } config && (config.Epoch != position.ConfigEpoch || config.Version > position.ConfigVersion))
        {
            messages.Add(config);
            position = position with { ConfigEpoch = config.Epoch, ConfigVersion = config.Version };
        }

        // Early and small: who is sent where does not wait for purges to be read.
        if (position.Eligibility < Eligibility.Epoch)
        {
            messages.Add(Eligibility);
            position = position with { Eligibility = Eligibility.Epoch };
        }

        bool readLog = false;
        if (Purges.End.Epoch.Length > 0 && Purges.End != position.Cursor)
        {
            if (Purges.After(position.Cursor) is { } batch)
            {
                messages.Add(batch);
                position = position with { Cursor = batch.Through };
            }
            else
            {
                readLog = true;
            }
        }

        // Only to an edge that has its place in the log: what it asks of others carries that place, and one that has lost its own
        // must not be given what was purged since.
        if (!readLog && Peers.Version.Length > 0 && Peers.Version != position.PeersVersion)
        {
            messages.Add(new PeerDirectory(Peers.Edges));
            position = position with { PeersVersion = Peers.Version };
        }

        if (!readLog && position.Ahead is { } sent)
        {
            (ImmutableArray<SiloMessage> ahead, long last) = Ahead.After(sent, Purges.End);
            messages.AddRange(ahead);
            position = position with { Ahead = last };
        }

        return new MissingNews(messages.DrainToImmutable(), position, readLog);
    }
}

/// <param name="Next">Where the edge stands after the messages.</param>
/// <param name="ReadLog">The log has to be asked what follows <see cref="FeedPosition.Cursor"/> of <paramref name="Next"/>.</param>
internal sealed record MissingNews(ImmutableArray<SiloMessage> Messages, FeedPosition Next, bool ReadLog);
