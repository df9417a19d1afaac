using System.Diagnostics.Metrics;
using Floodgate.Nodes;
using Floodgate.ReadRouter.Nodes;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Floodgate.ReadRouter.Choice;

/// <summary>Adds watching the nodes and choosing among them.</summary>
internal static class ChoiceRegistration
{
    public static IHostApplicationBuilder AddNodeChoice(this IHostApplicationBuilder builder)
    {
        builder.AddPostgresNodes();
        var services = builder.Services;
        services.AddOptions<RouterOptions>().BindConfiguration(RouterOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        services.AddSingleton<IValidateOptions<RouterOptions>, RouterOptionsValidation>();
        services.TryAddSingleton(TimeProvider.System);
#pragma warning disable RS0030 // The one place where the process's own randomness comes in.
        services.TryAddSingleton(Random.Shared);
#pragma warning restore RS0030
        services.AddSingleton<Measures>();
        services.AddSingleton(provider => Observed(ActivatorUtilities.CreateInstance<NodeTable>(provider), provider.GetRequiredService<Measures>()));
        services.AddSingleton<LeastLoaded>();
        services.AddSingleton<SpillOver>();
        services.AddSingleton<NodeChooser>();
        services.AddSingleton<LastDecisions>();
        services.AddSingleton<VisibilityProbe>();
        services.AddHostedService<NodePoller>();
        return builder;
    }

    private static NodeTable Observed(NodeTable table, Measures measures)
    {
        measures.ObserveLag(
            () => table.Replicas.Select(replica => new Measurement<double>(replica.Status.Lag.TotalSeconds, Of(replica))),
            () => table.Replicas.Select(replica => new Measurement<long>((long)replica.Status.LagBytes, Of(replica))));
        measures.ObserveHealth(() => table.All.Select(node => new Measurement<int>(
            node.Status.Health == NodeHealth.Healthy ? 1 : 0, Of(node), new("role", node == table.Primary ? "primary" : "replica"))));
        measures.ObserveTimeline(() => table.Timelines.Current);
        return table;

        static KeyValuePair<string, object?> Of(Node node) => new("node", node.Name);
    }
}
