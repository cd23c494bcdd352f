using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Hosting;
using Orleans.Runtime;

namespace Orleans.Embedded.Tests;

public sealed class HostingTests
{
    [Fact]
    public async Task A_silo_starts_in_a_host_of_the_older_builder_and_tells_its_name()
    {
        using TestFolder folder = new();
        using IHost host = new HostBuilder()
            .ConfigureAppConfiguration(c => c.AddInMemoryCollection([
                new(EmbeddedSettings.DatabaseKey, folder.Database), new("Orleans:Name", "waw-1"), new("Orleans:ClusterId", "cdn")]))
            .UseOrleans(silo => silo.ConfigureServices(s => s.AddSingleton<Witness>()))
            .Build();
        await host.StartAsync();

        Assert.Equal(1, await host.Services.GetRequiredService<IClusterClient>().GetGrain<ICounterGrain>("c").IncrementAsync());
        ILocalSiloDetails details = host.Services.GetRequiredService<ILocalSiloDetails>();
        Assert.Equal(("waw-1", "cdn"), (details.Name, details.ClusterId));
        await host.StopAsync();
    }

    [Fact]
    public async Task Calls_before_the_start_say_so_and_a_second_use_configures_the_same_silo()
    {
        using TestFolder folder = new();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration[EmbeddedSettings.DatabaseKey] = folder.Database;
        ISiloBuilder? first = null;
        ISiloBuilder? second = null;
        builder.UseOrleans(silo => first = silo);
        builder.UseOrleans(silo => second = silo);
        using IHost host = builder.Build();
        Assert.Same(first, second);

        IReentrantGrain grain = host.Services.GetRequiredService<IGrainFactory>().GetGrain<IReentrantGrain>("r");
        SiloUnavailableException error = await Assert.ThrowsAsync<SiloUnavailableException>(grain.AnswerAsync);

        Assert.Contains("the silo has not started yet", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_host_that_fails_to_start_after_the_silo_lets_the_state_file_go()
    {
        using TestFolder folder = new();
        HostApplicationBuilder builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Configuration[EmbeddedSettings.DatabaseKey] = folder.Database;
        builder.UseOrleans();
        builder.Services.AddHostedService<FailingService>();
        IHost host = builder.Build();
        await Assert.ThrowsAsync<DomainException>(() => host.StartAsync());
        host.Dispose();

        await using TestSilo silo = await TestSilo.StartAsync(folder);
    }

    private sealed class FailingService : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => throw new DomainException("does not start", 1);

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
