using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using OrleansCdn.Edge.Cache.Disk;

namespace OrleansCdn.Edge.Cache;

/// <summary>
/// Index of all resources and the memory store behind it: byte-weighted S3-FIFO (Yang et al., SOSP 2023). New objects go
/// to a small queue; those asked for again before they reach its end move to the main queue, the others leave a ghost
/// behind that sends them to the main queue at once should they come back.
/// </summary>
/// <remarks>A lookup takes no lock. Storing and evicting do, and only they.</remarks>
public sealed class MemoryStore(long capacityBytes, DiskStore? disk = null)
{
    /// <summary>The paper's share of the small queue.</summary>
    private const double SmallShare = 0.1;

    /// <summary>The paper's two-bit counter.</summary>
    private const byte MaxFrequency = 3;

    /// <summary>Share of the memory that fills under way may hold; past it responses pass through unstored.</summary>
    private const double MaxInFlightShare = 0.5;

    /// <summary>Queue slot and set entry of a ghost, for the account.</summary>
    private const long GhostWeight = 40;

    private readonly ConcurrentDictionary<CacheKey, CachedResource> _resources = new();
    private readonly Lock _lock = new();
    private readonly Queue<int> _ghostOrder = new();
    private readonly HashSet<int> _ghosts = [];
    private readonly StoreList _small = new();
    private readonly StoreList _main = new();
    private long _inFlight;
    private long _headBytes;
    private int _heads;

    public long CapacityBytes { get; } = capacityBytes;

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _small.Count + _main.Count + _heads;
            }
        }
    }

    /// <summary>Bytes of stored objects, their metadata and the ghosts.</summary>
    public long Bytes
    {
        get
        {
            lock (_lock)
            {
                return Held;
            }
        }
    }

    /// <summary>Bytes of bodies that are being filled.</summary>
    public long InFlightBytes => Interlocked.Read(ref _inFlight);

    private long Held => _small.Bytes + _main.Bytes + _headBytes + (_ghosts.Count * GhostWeight);

    public bool TryGet(CacheKey key, [MaybeNullWhen(false)] out CachedResource resource) => _resources.TryGetValue(key, out resource);

    public CachedResource GetOrAdd(CacheKey key) => _resources.GetOrAdd(key, static k => new CachedResource(k));

    /// <summary>Takes a closed resource out of the index.</summary>
    public void Drop(CachedResource resource) => _resources.TryRemove(new KeyValuePair<CacheKey, CachedResource>(resource.Key, resource));

    /// <summary>Counts a hit for eviction.</summary>
    public static void Touch(StoreEntry entry)
    {
        // Written only while it changes: a hot object's cache line stays shared.
        if (entry.Frequency < MaxFrequency)
        {
            entry.Frequency++;
        }
    }

    /// <summary>Asks for room for a growing fill; false when fills already hold their share.</summary>
    public bool TryReserve(long bytes)
    {
        if (Interlocked.Add(ref _inFlight, bytes) > CapacityBytes * MaxInFlightShare)
        {
            Interlocked.Add(ref _inFlight, -bytes);
            return false;
        }

        lock (_lock)
        {
            EvictToFit();
        }

        return true;
    }

    public void Release(long bytes) => Interlocked.Add(ref _inFlight, -bytes);

    /// <summary>Stores a complete response in the place of an older one with the same selecting fields.</summary>
    public void Put(StoredResponse response)
    {
        response.Weight = response.ComputeWeight();
        StoredResponse? replaced;
        while (!GetOrAdd(response.Key).TryPut(response, out replaced))
        {
            // The resource was dropped between the lookup and the put; the next lookup makes a new one.
        }

        lock (_lock)
        {
            if (replaced is not null)
            {
                // An object that is refreshed keeps its standing.
                response.Frequency = Math.Max(response.Frequency, replaced.Frequency);
            }

            StoreQueue queue = replaced?.Queue == StoreQueue.Main || _ghosts.Remove(response.Key.GetHashCode())
                ? StoreQueue.Main
                : StoreQueue.Small;
            if (replaced is not null)
            {
                Unlink(replaced, keepBlocks: replaced.Slices == response.Slices);
            }

            if (response.Queue == StoreQueue.None)
            {
                if (response.Slices is { } slices)
                {
                    LinkHead(response, slices);
                }
                else
                {
                    ListOf(queue).Append(response, queue);
                }
            }

            EvictToFit();
        }

        disk?.Offer(response);
    }

    /// <summary>Keeps a body in another coding with its response, while that is stored.</summary>
    public void AddCoding(StoredResponse response, ContentCoding coding, CachedBody body)
    {
        lock (_lock)
        {
            if (response.Queue is StoreQueue.Small or StoreQueue.Main)
            {
                response.Codings = response.Codings.With(coding, body);
                ListOf(response.Queue).Reweigh(response, response.ComputeWeight());
                EvictToFit();
            }
        }
    }

    /// <summary>Stores a complete block, while its generation is the one that is stored; false: it is for its readers only.</summary>
    public bool PutBlock(SliceBlock block)
    {
        lock (_lock)
        {
            SlicedBody owner = block.Owner;
            if (owner.IsDropped || owner.Head is null)
            {
                owner.Remove(block);
                return false;
            }

            block.Weight = block.ComputeWeight();
            StoreQueue queue = _ghosts.Remove(block.GhostHash) ? StoreQueue.Main : StoreQueue.Small;
            ListOf(queue).Append(block, queue);
            EvictToFit();
            return true;
        }
    }

    /// <summary>Forgets a block that did not come; its object too, when it was the last one.</summary>
    public void DropBlock(SliceBlock block)
    {
        lock (_lock)
        {
            RemoveBlockLocked(block);
        }
    }

    /// <summary>Moves a response from disk to memory; false when its variant is there already, which is newer.</summary>
    internal bool TryPromote(StoredResponse response)
    {
        response.Weight = response.ComputeWeight();
        CachedResource resource;
        do
        {
            resource = GetOrAdd(response.Key);
            if (resource.TryAdd(response) is { } isAdded)
            {
                if (!isAdded)
                {
                    return false;
                }

                break;
            }
        }
        while (true);

        lock (_lock)
        {
            if (response.Queue == StoreQueue.None)
            {
                StoreQueue queue = _ghosts.Remove(response.Key.GetHashCode()) ? StoreQueue.Main : StoreQueue.Small;
                ListOf(queue).Append(response, queue);
            }

            EvictToFit();
        }

        return true;
    }

    /// <summary>Whether exactly that variant is here.</summary>
    public bool HasVariant(CacheKey key, VarySelector vary) =>
        _resources.TryGetValue(key, out CachedResource? resource) && Array.Exists(resource.Variants, v => v.Vary.SameAs(vary));

    /// <summary>It must not be used any more, wherever it is kept.</summary>
    public void Remove(StoredResponse response)
    {
        disk?.Remove(response.Key, response.Vary);
        RemovePurged(response);
    }

    /// <summary>Takes it out of memory. What is on disk is compared with the purges by itself.</summary>
    public void RemovePurged(StoredResponse response)
    {
        lock (_lock)
        {
            RemoveLocked(response);
        }
    }

    /// <summary>Forgets all variants of a resource that an unsafe method has changed (RFC 9111 §4.4).</summary>
    public void Invalidate(CacheKey key)
    {
        // The disk first: what is being moved from there to memory now is found below, or finds itself gone.
        disk?.Invalidate(key);
        if (_resources.TryGetValue(key, out CachedResource? resource))
        {
            resource.InvalidateFills();
            foreach (StoredResponse variant in resource.Variants)
            {
                Remove(variant);
            }
        }
    }

    /// <summary>Every stored response; for the sweeper. Not a snapshot: what comes or goes meanwhile may or may not be seen.</summary>
    public IEnumerable<StoredResponse> Enumerate()
    {
        foreach (KeyValuePair<CacheKey, CachedResource> resource in _resources)
        {
            foreach (StoredResponse variant in resource.Value.Variants)
            {
                yield return variant;
            }
        }
    }

    private void EvictToFit()
    {
        while (Held + InFlightBytes > CapacityBytes && (_small.Count > 0 || _main.Count > 0))
        {
            if (_small.Bytes > CapacityBytes * SmallShare || _main.Count == 0)
            {
                EvictFromSmall();
            }
            else
            {
                EvictFromMain();
            }
        }
    }

    private void EvictFromSmall()
    {
        StoreEntry oldest = _small.First!;
        if (oldest.Frequency > 1)
        {
            _small.Remove(oldest);
            oldest.Frequency = 0;
            _main.Append(oldest, StoreQueue.Main);
            return;
        }

        Evict(oldest);
        Remember(oldest.GhostHash);
    }

    private void EvictFromMain()
    {
        StoreEntry oldest = _main.First!;
        if (oldest.Frequency > 0)
        {
            _main.Remove(oldest);
            oldest.Frequency--;
            _main.Append(oldest, StoreQueue.Main);
            return;
        }

        Evict(oldest);
    }

    private void Evict(StoreEntry entry)
    {
        if (entry is SliceBlock block)
        {
            RemoveBlockLocked(block);
        }
        else
        {
            RemoveLocked((StoredResponse)entry);
        }
    }

    /// <summary>As many ghosts as there are objects in the main queue, as in the paper.</summary>
    private void Remember(int hash)
    {
        if (_ghosts.Add(hash))
        {
            _ghostOrder.Enqueue(hash);
        }

        while (_ghostOrder.Count > Math.Max(_main.Count, _small.Count))
        {
            _ghosts.Remove(_ghostOrder.Dequeue());
        }
    }

    private void RemoveLocked(StoredResponse response)
    {
        Unlink(response);
        if (_resources.TryGetValue(response.Key, out CachedResource? resource) && resource.Remove(response))
        {
            Drop(resource);
        }
    }

    private void RemoveBlockLocked(SliceBlock block)
    {
        UnlinkEntry(block);
        if (block.Owner.Remove(block) && block.Owner.Head is { } head)
        {
            RemoveLocked(head);
        }
    }

    /// <summary>A head is in no queue: it stays as long as any block of it is here or on its way.</summary>
    private void LinkHead(StoredResponse head, SlicedBody slices)
    {
        if (slices.IsDropped)
        {
            RemoveLocked(head);
            return;
        }

        head.Queue = StoreQueue.Head;
        slices.Head = head;
        _headBytes += head.Weight;
        _heads++;
    }

    private void Unlink(StoredResponse response, bool keepBlocks = false)
    {
        bool wasHead = response.Queue == StoreQueue.Head;
        UnlinkEntry(response);
        if (!wasHead)
        {
            return;
        }

        _headBytes -= response.Weight;
        _heads--;
        if (!keepBlocks)
        {
            response.Slices!.Head = null;
            foreach (SliceBlock block in response.Slices.Drop())
            {
                UnlinkEntry(block);
            }
        }
    }

    private void UnlinkEntry(StoreEntry entry)
    {
        if (entry.Queue is StoreQueue.Small or StoreQueue.Main)
        {
            ListOf(entry.Queue).Remove(entry);
        }

        entry.Queue = StoreQueue.Removed;
    }

    private StoreList ListOf(StoreQueue queue) => queue == StoreQueue.Main ? _main : _small;
}
