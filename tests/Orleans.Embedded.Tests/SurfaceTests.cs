using System.Reflection;
using System.Runtime.CompilerServices;

namespace Orleans.Embedded.Tests;

/// <summary>What grains and silo use is there under the names and namespaces of Orleans 10.</summary>
public sealed class SurfaceTests
{
    private static readonly Assembly Engine = typeof(Grain).Assembly;

    public static TheoryData<string> Types { get; } =
    [
        "Orleans.IGrain", "Orleans.IGrainWithStringKey", "Orleans.IGrainFactory", "Orleans.IClusterClient", "Orleans.IGrainBase",
        "Orleans.Grain", "Orleans.GrainExtensions", "Orleans.GrainBaseExtensions", "Orleans.DeactivationReason",
        "Orleans.DeactivationReasonCode", "Orleans.AliasAttribute", "Orleans.KeepAliveAttribute",
        "Orleans.Concurrency.AlwaysInterleaveAttribute", "Orleans.Concurrency.ReentrantAttribute",
        "Orleans.Placement.PlacementAttribute", "Orleans.Placement.PreferLocalPlacementAttribute",
        "Orleans.Runtime.IAddressable", "Orleans.Runtime.IGrainContext", "Orleans.Runtime.GrainId", "Orleans.Runtime.IGrainTimer",
        "Orleans.Runtime.GrainTimerCreationOptions", "Orleans.Runtime.IPersistentState`1", "Orleans.Runtime.PersistentStateAttribute",
        "Orleans.Runtime.ILocalSiloDetails", "Orleans.Runtime.OrleansException", "Orleans.Runtime.OrleansMessageRejectionException",
        "Orleans.Runtime.SiloUnavailableException", "Orleans.Runtime.LimitExceededException", "Orleans.Runtime.OrleansConfigurationException",
        "Orleans.Core.IStorage", "Orleans.Core.IStorage`1",
        "Orleans.Storage.InconsistentStateException", "Orleans.Storage.IGrainStorageSerializer",
        "Orleans.Configuration.MessagingOptions", "Orleans.Configuration.SiloMessagingOptions", "Orleans.Configuration.GrainCollectionOptions",
        "Orleans.Hosting.ISiloBuilder", "Orleans.Hosting.SiloBuilderExtensions", "Microsoft.Extensions.Hosting.OrleansSiloGenericHostExtensions",
        "Orleans.Serialization.ISerializerBuilder", "Orleans.Serialization.ServiceCollectionExtensions",
        "Orleans.Serialization.SerializationHostingExtensions", "Orleans.Serialization.JsonCodecOptions", "Orleans.Serialization.CodecNotFoundException",
    ];

    public static TheoryData<string, string> Members { get; } = new()
    {
        { "Orleans.IGrainFactory", "TGrainInterface GetGrain(String, String)" },
        { "Orleans.Grain", "Task OnActivateAsync(CancellationToken)" },
        { "Orleans.Grain", "Task OnDeactivateAsync(DeactivationReason, CancellationToken)" },
        { "Orleans.Grain", "Void DeactivateOnIdle()" },
        { "Orleans.Grain", "IGrainFactory get_GrainFactory()" },
        { "Orleans.Grain", "IGrainContext get_GrainContext()" },
        { "Orleans.Grain", "IServiceProvider get_ServiceProvider()" },
        { "Orleans.IGrainBase", "IGrainContext get_GrainContext()" },
        { "Orleans.GrainExtensions", "String GetPrimaryKeyString(IAddressable)" },
        { "Orleans.GrainExtensions", "GrainId GetGrainId(IAddressable)" },
        { "Orleans.GrainBaseExtensions", "Void DeactivateOnIdle(IGrainBase)" },
        { "Orleans.GrainBaseExtensions", "IGrainTimer RegisterGrainTimer(IGrainBase, Func`1, TimeSpan, TimeSpan)" },
        { "Orleans.GrainBaseExtensions", "IGrainTimer RegisterGrainTimer(IGrainBase, Func`2, TimeSpan, TimeSpan)" },
        { "Orleans.GrainBaseExtensions", "IGrainTimer RegisterGrainTimer(IGrainBase, Func`2, TState, TimeSpan, TimeSpan)" },
        { "Orleans.GrainBaseExtensions", "IGrainTimer RegisterGrainTimer(IGrainBase, Func`3, TState, TimeSpan, TimeSpan)" },
        { "Orleans.GrainBaseExtensions", "IGrainTimer RegisterGrainTimer(IGrainBase, Func`1, GrainTimerCreationOptions)" },
        { "Orleans.GrainBaseExtensions", "IGrainTimer RegisterGrainTimer(IGrainBase, Func`2, GrainTimerCreationOptions)" },
        { "Orleans.GrainBaseExtensions", "IGrainTimer RegisterGrainTimer(IGrainBase, Func`2, TState, GrainTimerCreationOptions)" },
        { "Orleans.GrainBaseExtensions", "IGrainTimer RegisterGrainTimer(IGrainBase, Func`3, TState, GrainTimerCreationOptions)" },
        { "Orleans.Runtime.IGrainTimer", "Void Change(TimeSpan, TimeSpan)" },
        { "Orleans.Core.IStorage", "Task ReadStateAsync(CancellationToken)" },
        { "Orleans.Core.IStorage", "Task WriteStateAsync(CancellationToken)" },
        { "Orleans.Core.IStorage", "Task ClearStateAsync(CancellationToken)" },
        { "Orleans.Core.IStorage", "Task ReadStateAsync()" },
        { "Orleans.Core.IStorage", "Task WriteStateAsync()" },
        { "Orleans.Core.IStorage", "Task ClearStateAsync()" },
        { "Orleans.Core.IStorage", "String get_Etag()" },
        { "Orleans.Core.IStorage", "Boolean get_RecordExists()" },
        { "Orleans.Core.IStorage`1", "Void set_State(TState)" },
        { "Orleans.Storage.IGrainStorageSerializer", "BinaryData Serialize(T)" },
        { "Orleans.Storage.IGrainStorageSerializer", "T Deserialize(BinaryData)" },
        { "Orleans.Configuration.SiloMessagingOptions", "Void set_ResponseTimeout(TimeSpan)" },
        { "Orleans.Configuration.GrainCollectionOptions", "Void set_CollectionAge(TimeSpan)" },
        { "Orleans.Hosting.ISiloBuilder", "IServiceCollection get_Services()" },
        { "Orleans.Hosting.ISiloBuilder", "IConfiguration get_Configuration()" },
        { "Orleans.Hosting.SiloBuilderExtensions", "ISiloBuilder Configure(ISiloBuilder, Action`1)" },
        { "Orleans.Hosting.SiloBuilderExtensions", "ISiloBuilder ConfigureServices(ISiloBuilder, Action`1)" },
        { "Microsoft.Extensions.Hosting.OrleansSiloGenericHostExtensions", "IHostApplicationBuilder UseOrleans(IHostApplicationBuilder, Action`1)" },
        { "Microsoft.Extensions.Hosting.OrleansSiloGenericHostExtensions", "HostApplicationBuilder UseOrleans(HostApplicationBuilder, Action`1)" },
        { "Microsoft.Extensions.Hosting.OrleansSiloGenericHostExtensions", "IHostBuilder UseOrleans(IHostBuilder, Action`1)" },
        { "Orleans.Serialization.ServiceCollectionExtensions", "IServiceCollection AddSerializer(IServiceCollection, Action`1)" },
        { "Orleans.Serialization.SerializationHostingExtensions", "ISerializerBuilder AddJsonSerializer(ISerializerBuilder, Func`2, JsonSerializerOptions)" },
    };

    [Theory]
    [MemberData(nameof(Types))]
    public void A_type_of_the_list_is_public_under_its_name(string name)
    {
        Type? type = Engine.GetType(name);

        Assert.NotNull(type);
        Assert.True(type.IsPublic, name);
    }

    [Theory]
    [MemberData(nameof(Members))]
    public void A_member_of_the_list_has_its_signature(string type, string signature)
    {
        IEnumerable<string> signatures = Engine.GetType(type)!
            .GetMethods(BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
            .Where(m => m.IsPublic || m.IsFamily || m.IsFamilyOrAssembly)
            .Select(m => $"{m.ReturnType.Name} {m.Name}({string.Join(", ", m.GetParameters().Select(p => p.ParameterType.Name))})");

        Assert.Contains(signature, signatures);
    }

    [Fact]
    public void Nothing_is_public_that_is_not_on_the_list()
    {
        IEnumerable<string> extra = Engine.GetExportedTypes()
            .Where(t => !t.IsDefined(typeof(CompilerGeneratedAttribute)))
            .Select(t => t.FullName!)
            .Except(Types.Cast<object[]>().Select(row => (string)row[0]));

        Assert.Empty(extra);
    }
}
