using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using OpenTelemetry;

namespace Floodgate.Nodes;

/// <summary>
/// Asks every node again and again whether it takes writes, so that a service follows a promoted replica. The first round is done before the
/// service serves: it must not begin by writing to an old primary.
/// </summary>
internal sealed partial class TopologyWatch(
    PostgresNodes nodes, ClusterTopology topology, IOptions<NodeOptions> options, TimeProvider time, ILogger<TopologyWatch> logger) : BackgroundService
{
    private static readonly TimeSpan Spacing = TimeSpan.FromMilliseconds(20);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await RoundAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.WhenAll(nodes.Names.Select(name => KeepAskingAsync(name, stoppingToken)));
    }

    // Each for itself: a node that hangs holds up no other.
    private async Task KeepAskingAsync(string name, CancellationToken stoppingToken)
    {
        using var quiet = SuppressInstrumentationScope.Begin();
        while (true)
        {
            await PauseAsync(topology.Wanted, stoppingToken);
            await AskAsync(name, stoppingToken);
        }
    }

    // Until the next turn, or until a promotion has been heard of; then no more often than this.
    private async Task PauseAsync(Task wanted, CancellationToken stoppingToken)
    {
        using var turn = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        await Task.WhenAny(Task.Delay(options.Value.TopologyInterval, time, turn.Token), wanted.WaitAsync(turn.Token));
        await turn.CancelAsync();
        await Task.Delay(Spacing, time, stoppingToken);
    }

    private async Task RoundAsync(CancellationToken cancellationToken)
    {
        // Its spans would drown those of requests.
        using var quiet = SuppressInstrumentationScope.Begin();
        await Task.WhenAll(nodes.Names.Select(name => AskAsync(name, cancellationToken)));
    }

    private async Task AskAsync(string name, CancellationToken cancellationToken)
    {
        nodes.TryGet(name, out var source);
        using var limited = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limited.CancelAfter(options.Value.TopologyTimeout);
        try
        {
            var said = topology.Place(name, await NodeObservationQuery.AskAsync(source!, limited.Token));
            await topology.ObserveAsync(name, said, source!, limited.Token);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Who is silent changes nothing: only a node that takes writes on a newer timeline does.
            LogSilent(logger, name, exception.Message);
        }
    }

    [LoggerMessage(EventId = 6110, Level = LogLevel.Debug, Message = "{Node} does not say whether it takes writes: {Error}")]
    private static partial void LogSilent(ILogger logger, string node, string error);
}
