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
        services.AddSingleton(provider =>
        {
            var table = ActivatorUtilities.CreateInstance<NodeTable>(provider);
            provider.GetRequiredService<Measures>().ObserveLag(() => table.Replicas.Select(replica =>
                new Measurement<double>(replica.Status.Lag.TotalSeconds, new KeyValuePair<string, object?>("node", replica.Name))));
            return table;
        });
        services.AddSingleton<LeastLoaded>();
        services.AddSingleton<NodeChooser>();
        services.AddHostedService<NodePoller>();
        services.AddHealthChecks().AddCheck<NodeHealthCheck>("nodes");
        return builder;
    }
}
