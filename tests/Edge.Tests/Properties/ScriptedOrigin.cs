using System.Globalization;
using System.Net;
using OrleansCdn.Testing;

namespace OrleansCdn.Edge.Tests.Properties;

/// <summary>One answer of the origin, or its failure. Every body names the serial of the fetch that made it.</summary>
internal sealed record Fetch
{
    /// <summary>Counts fetches from 1.</summary>
    public required int Serial { get; init; }

    /// <summary>Place in the order of all events of an episode.</summary>
    public required int Tick { get; init; }

    public required ModelRequest Request { get; init; }

    public required OriginPolicy Policy { get; init; }

    /// <summary>Purges that were applied when it began.</summary>
    public required long Stamp { get; init; }

    public required double RequestedAt { get; init; }

    /// <summary>Set when the answer leaves the origin.</summary>
    public double ReceivedAt { get; set; }

    public required string Tag { get; init; }

    public bool IsDown { get; init; }

    public bool Is304 { get; init; }

    /// <summary>A 304 with another entity tag than the condition's: it confirms nothing (RFC 9111 §4.3.4).</summary>
    public bool IsEmptyConfirmation { get; init; }

    /// <summary>The condition that the edge asked with.</summary>
    public string? IfNoneMatch { get; init; }

    public override string ToString() => IsDown ? "down" : $"[#{Serial} {(IsEmptyConfirmation ? "empty " : "")}{(Is304 ? 304 : Policy.Status)} {Policy} {Tag} at {RequestedAt} stamp {Stamp}]";

    public bool HasFailed => IsDown || Rules.IsFailure(Policy.Status);
}

/// <summary>What an origin has at one URL.</summary>
internal sealed class OriginResource
{
    public OriginPolicy Policy { get; set; } = new();

    public int Version { get; set; } = 1;

    public bool IsDown { get; set; }
}

/// <summary>An origin without sockets: the scripted answers, at once, or when a test lets go of them.</summary>
internal sealed class ScriptedOrigin(FakeTimeProvider time, Func<long> applied, Func<int> tick) : HttpMessageHandler
{
    private readonly Dictionary<ModelKey, OriginResource> _resources = [];
    private readonly Lock _lock = new();

    /// <summary>Everything that was asked, in order.</summary>
    public List<Fetch> Log { get; } = [];

    public OriginResource this[ModelKey key] =>
        _resources.TryGetValue(key, out OriginResource? known) ? known : _resources[key] = new OriginResource();

    /// <summary>Holds back the next answer to a GET.</summary>
    public Hold? HoldNext { get; set; }

    public int Count
    {
        get
        {
            lock (_lock)
            {
                return Log.Count;
            }
        }
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        Fetch fetch;
        Hold? hold;
        lock (_lock)
        {
            fetch = Begin(message);
            Log.Add(fetch);
            hold = message.Method == HttpMethod.Get ? HoldNext : null;
            HoldNext = hold is null ? HoldNext : null;
        }

        if (hold is not null)
        {
            hold.Reached.TrySetResult();
            await hold.Released.Task.WaitAsync(cancellationToken);
        }

        fetch.ReceivedAt = Now();
        if (fetch.IsDown)
        {
            throw new HttpRequestException(HttpRequestError.ConnectionError, "down");
        }

        return Answer(fetch);
    }

    private double Now() => time.GetTimestamp() / (double)time.TimestampFrequency;

    private Fetch Begin(HttpRequestMessage message)
    {
        string host = message.Headers.Host!;
        var key = new ModelKey(
            World.SiteOf(host), Field(message, "X-Forwarded-Proto")!, host, message.RequestUri!.PathAndQuery);
        OriginResource resource = this[key];
        var request = new ModelRequest
        {
            Key = key,
            Method = message.Method.Method,
            Language = Field(message, "Accept-Language"),
            Encoding = Field(message, "Accept-Encoding"),
            Authorization = Field(message, "Authorization") is not null,
        };
        string tag = $"\"v{resource.Version}-{request.Language}-{request.Codings}\"";
        string? condition = Field(message, "If-None-Match");
        OriginPolicy policy = resource.Policy;
        bool mayConfirm = policy is { Status: 200, HasTag: true } && condition is not null && request.Method == "GET";
        return new Fetch
        {
            Serial = Log.Count + 1,
            Tick = tick(),
            Request = request,
            Policy = policy,
            Stamp = applied(),
            RequestedAt = Now(),
            Tag = tag,
            IsDown = resource.IsDown,
            IfNoneMatch = condition,
            Is304 = mayConfirm && (condition == tag || policy.ConfirmsAnything),
            IsEmptyConfirmation = mayConfirm && condition != tag && policy.ConfirmsAnything,
        };
    }

    private static string? Field(HttpRequestMessage message, string name) =>
        message.Headers.NonValidated.TryGetValues(name, out var values) ? values.ToString() : null;

    private static HttpResponseMessage Answer(Fetch fetch)
    {
        OriginPolicy policy = fetch.Policy;
        bool hasBody = !fetch.Is304 && fetch.Request.Method != "HEAD";
        var message = new HttpResponseMessage(fetch.Is304 ? HttpStatusCode.NotModified : (HttpStatusCode)policy.Status)
        {
            Content = new StreamContent(hasBody ? new OriginBody(fetch.Serial, policy) : Stream.Null),
        };
        void Add(string name, string value)
        {
            if (value.Length > 0)
            {
                message.Headers.TryAddWithoutValidation(name, value);
            }
        }

        Add("Cache-Control", policy.CacheControl());
        Add("Age", policy.Age?.ToString(CultureInfo.InvariantCulture) ?? "");
        Add("Vary", policy.Vary());
        Add("ETag", policy.HasTag ? fetch.Tag : "");
        Add("Surrogate-Key", string.Join(' ', policy.Tags));
        Add("Set-Cookie", policy.SetCookie ? $"id={fetch.Serial}" : "");
        if (!fetch.Is304)
        {
            Add("X-Serial", fetch.Serial.ToString(CultureInfo.InvariantCulture));
            if (policy.HasLength)
            {
                message.Content.Headers.ContentLength = policy.Length;
            }
        }

        return message;
    }
}

/// <summary>An answer that is held back.</summary>
internal sealed class Hold
{
    public TaskCompletionSource Reached { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public TaskCompletionSource Released { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
}
