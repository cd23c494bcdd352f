using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace OrleansCdn.Edge.Tests.Fuzz;

/// <summary>Keeps what servers log as errors: exceptions that nobody was meant to see.</summary>
internal sealed class FaultLog : ILoggerFactory, ILoggerProvider, ILogger
{
    private ConcurrentQueue<string> Faults { get; } = new();

    public void AssertNone() => Assert.True(Faults.IsEmpty, string.Join('\n', Faults));

    public ILogger CreateLogger(string categoryName) => this;

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Error;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (IsEnabled(logLevel))
        {
            Faults.Enqueue($"{formatter(state, exception)} {exception}");
        }
    }

    public void Dispose()
    {
    }
}
