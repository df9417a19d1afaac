namespace Floodgate.ReadRouter.Alerts;

/// <summary>Has the alerts looked after, once a second.</summary>
internal sealed class AlertWatch(AlertBoard board, Measures measures, TimeProvider time) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        measures.Begin();
        using var timer = new PeriodicTimer(Interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            board.Evaluate();
    }
}
