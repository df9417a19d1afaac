using System.Diagnostics.Metrics;
using Floodgate.ReadRouter.Nodes;

namespace Floodgate.ReadRouter.Alerts;

/// <summary>Adds the alerts.</summary>
internal static class AlertRegistration
{
    public static IHostApplicationBuilder AddAlerts(this IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton(services =>
        {
            var board = ActivatorUtilities.CreateInstance<AlertBoard>(services);
            services.GetRequiredService<Measures>().ObserveAlerts(() => Enum.GetValues<Alert>().Select(alert => new Measurement<int>(
                board.Raised.ContainsKey(alert) ? 1 : 0, new KeyValuePair<string, object?>("alert", AlertBoard.NameOf(alert)))));
            return board;
        });
        builder.Services.AddHostedService<AlertWatch>();
        builder.Services.AddOptions<TimelineWatchOptions>().BindConfiguration(TimelineWatchOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddHostedService<TimelineWatch>();
        builder.Services.AddHealthChecks().AddCheck<NodeHealthCheck>("nodes");
        return builder;
    }
}
