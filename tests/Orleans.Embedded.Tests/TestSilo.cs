using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Serialization;
using OrleansCdn.Testing;

namespace Orleans.Embedded.Tests;

/// <summary>A silo in a host of its own, on a fake clock, with its state file in a folder of the test.</summary>
internal sealed class TestSilo : IAsyncDisposable
{
    private readonly IHost _host;

    private TestSilo(IHost host, FakeTimeProvider clock)
    {
        _host = host;
        Clock = clock;
    }

    public FakeTimeProvider Clock { get; }

    public IGrainFactory Grains => _host.Services.GetRequiredService<IGrainFactory>();

    public SiloCore Core => _host.Services.GetRequiredService<SiloCore>();

    public Witness Witness => _host.Services.GetRequiredService<Witness>();

    public static async Task<TestSilo> StartAsync(
        TestFolder folder, Action<ISiloBuilder>? configure = null, params (string Key, string? Value)[] settings)
    {
        FakeTimeProvider clock = new();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration["Orleans:Embedded:Database"] = folder.Database;
        foreach ((string key, string? value) in settings)
            builder.Configuration[key] = value;
        builder.Services.AddSingleton<TimeProvider>(clock);
        builder.Services.AddSingleton<Witness>();
        builder.UseOrleans(silo =>
        {
            silo.Configure<SiloMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(30));
            silo.Services.AddSerializer(b => b.AddJsonSerializer(
                type => type.Namespace?.StartsWith("Orleans.Embedded.Tests", StringComparison.Ordinal) == true && type != typeof(UnknownToTheSerializer),
                new JsonSerializerOptions(JsonSerializerDefaults.Web)));
            configure?.Invoke(silo);
        });
        IHost host = builder.Build();
        try
        {
            await host.StartAsync();
        }
        catch
        {
            host.Dispose();
            throw;
        }

        return new TestSilo(host, clock);
    }

    public async Task StopAsync() => await _host.StopAsync();

    /// <summary>Waits for something that no event tells: looks again and again, as fast or slow as the machine is, and gives up on a stuck test.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using CancellationTokenSource giveUp = new(TimeSpan.FromSeconds(60), TimeProvider.System);
        while (!condition())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(1), TimeProvider.System, giveUp.Token);
        }
    }

    /// <summary>Lets time pass, a second at a time, until something has happened: an answered call may still count as running for a moment.</summary>
    public Task AdvanceUntilAsync(Func<bool> condition) => UntilAsync(() =>
    {
        if (condition())
            return true;
        Clock.Advance(TimeSpan.FromSeconds(1));
        return false;
    });

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
    }
}
