using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Serialization;
using Orleans.Storage;

namespace Orleans.Embedded;

/// <summary>The one silo of the process: what its parts share, and its life from start to stop.</summary>
internal sealed class SiloCore : IDisposable
{
    /// <summary>At shutdown calls get this long to end by themselves; then the tokens of those that take one are cancelled.</summary>
    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(1);

    private readonly IConfiguration _configuration;
    private readonly Lazy<GrainCatalog> _catalog;
    private volatile string? _whyClosed = "the silo has not started yet.";
    private StateStore? _store;

    public SiloCore(
        IServiceProvider services,
        IConfiguration configuration,
        TimeProvider time,
        IOptions<SiloMessagingOptions> messaging,
        IOptions<GrainCollectionOptions> collection,
        IOptions<JsonCodecOptions> json,
        IEnumerable<JsonPayloadTypes> payloadTypes,
        ILogger<SiloCore> logger)
    {
        Services = services;
        _configuration = configuration;
        Time = time;
        Messaging = messaging.Value;
        ResponseTimeout = Messaging.ResponseTimeout;
        MaxHeldCalls = Messaging.MaxEnqueuedRequestsHardLimit > 0 ? Messaging.MaxEnqueuedRequestsHardLimit : Activation.DefaultMaxHeldCalls;
        Collection = collection.Value;
        Log = new SiloLog(logger);
        Settings = EmbeddedSettings.Read(configuration);
        Payloads = new PayloadCopier(json.Value.SerializerOptions);
        _catalog = new(() => GrainCatalog.Discover(new PayloadRules(payloadTypes)));
        Directory = new GrainDirectory(this);
        Collector = new IdleCollector(this);
        Client = new ClusterClient(this);
    }

    public IServiceProvider Services { get; }

    public TimeProvider Time { get; }

    public SiloMessagingOptions Messaging { get; }

    public TimeSpan ResponseTimeout { get; }

    public int MaxHeldCalls { get; }

    public GrainCollectionOptions Collection { get; }

    public SiloLog Log { get; }

    public EmbeddedSettings Settings { get; }

    public PayloadCopier Payloads { get; }

    public GrainCatalog Catalog => _catalog.Value;

    public GrainDirectory Directory { get; }

    public IdleCollector Collector { get; }

    public ClusterClient Client { get; }

    /// <summary>Null: calls are taken.</summary>
    public string? WhyClosed => _whyClosed;

    public StateStore Store => _store ?? throw new SiloUnavailableException("The state file is not open: the silo has not started yet, or has stopped.");

    /// <exception cref="OrleansConfigurationException">A setting is missing or out of range.</exception>
    /// <exception cref="StateFileException">The state file cannot be used; the message says why and what to do.</exception>
    public void Start()
    {
        ThrowIfOutOfRange();
        if (Settings.Database is { } path)
        {
            IGrainStorageSerializer serializer = Services.GetService<IGrainStorageSerializer>() ?? new JsonStateSerializer(Payloads.Json);
            _store = StateStore.Open(path, serializer, Log);
        }
        else if (Catalog.Classes.FirstOrDefault(c => c.UsesStorage) is { } user)
        {
            throw new OrleansConfigurationException(
                $"Grain class {user.Type.FullName} keeps state, but no file is configured for it: set {EmbeddedSettings.DatabaseKey} to the path of a SQLite file (it is created if missing).");
        }

        Collector.Start();
        _whyClosed = null;
        Log.Started(Catalog.Classes.Count, Settings.Database ?? "none");
    }

    /// <summary>Ends every activation as far as <paramref name="hurry"/> leaves time, then closes the state file, with all that was acknowledged in it.</summary>
    public async Task StopAsync(CancellationToken hurry)
    {
        if (_whyClosed is not null)
            return;
        _whyClosed = "the silo is stopping.";
        Collector.Dispose();
        // Calls that were on their way in may have made activations after the first look.
        while (Directory.Count > 0 && !hurry.IsCancellationRequested)
            await EndAllAsync(hurry);
        Log.Stopped(Directory.Count);
        Dispose();
    }

    /// <summary>Closes what is open; also where a host fails to start and so never stops.</summary>
    public void Dispose()
    {
        Collector.Dispose();
        Interlocked.Exchange(ref _store, null)?.Dispose();
    }

    /// <summary>A one-shot timer that carries no async-locals of whoever makes it.</summary>
    public ITimer NewTimer(TimerCallback callback, object? state, TimeSpan due)
    {
        using (AsyncFlow.Suppress())
            return Time.CreateTimer(callback, state, due, Timeout.InfiniteTimeSpan);
    }

    private async Task EndAllAsync(CancellationToken hurry)
    {
        Activation[] activations = [.. Directory.Activations];
        DeactivationReason reason = new(DeactivationReasonCode.ShuttingDown, "The silo is stopping.");
        foreach (Activation activation in activations)
            activation.Deactivate(reason, CancellationToken.None);
        Task ended = Task.WhenAll(activations.Select(a => a.Deactivated));
        using ITimer grace = NewTimer(_ => Array.ForEach(activations, a => a.InterruptRunning()), null, ShutdownGrace);
        await ended.WaitAsync(hurry).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void ThrowIfOutOfRange()
    {
        GrainCollectionOptions options = Collection;
        if (options.CollectionQuantum <= TimeSpan.Zero)
            throw new OrleansConfigurationException($"GrainCollectionOptions.CollectionQuantum is {options.CollectionQuantum}; it has to be above 0.");
        foreach ((string name, TimeSpan age) in options.ClassSpecificCollectionAge.Append(new("CollectionAge", options.CollectionAge)))
        {
            if (age <= options.CollectionQuantum)
                throw new OrleansConfigurationException($"GrainCollectionOptions: {name} is {age}; it has to be above CollectionQuantum, {options.CollectionQuantum}.");
        }

        if (ResponseTimeout <= TimeSpan.Zero && ResponseTimeout != Timeout.InfiniteTimeSpan)
            throw new OrleansConfigurationException($"SiloMessagingOptions.ResponseTimeout is {ResponseTimeout}; it has to be above 0.");
    }
}
