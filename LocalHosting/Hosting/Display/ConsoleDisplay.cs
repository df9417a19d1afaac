using System.Threading.Channels;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Display;

/// <summary>
/// Shows the resources and their log lines. On a terminal the table stays below the lines and is drawn anew; elsewhere it is written
/// again after something changed.
/// </summary>
internal sealed class ConsoleDisplay(
    ResourceNotificationService notifications, ResourceLoggerService loggers, TimeProvider time) : IHostedService, IDisposable
{
    /// <summary>The name under which the AppHost's own lines appear.</summary>
    public const string AppHostName = "apphost";

    // A display that falls this far behind skips the oldest lines: they are in the log files.
    private const int MaxPendingLines = 5_000;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    private readonly Channel<(string Id, string Line, LogLevel Level)> _lines = Channel.CreateBounded<(string, string, LogLevel)>(
        new BoundedChannelOptions(MaxPendingLines) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    private readonly CancellationTokenSource _stopping = new();
    private readonly ResourceTable _table = new(time);
    private Task _showing = Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        loggers.LineWritten += Add;
        var isTerminal = !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("TERM") is not (null or "" or "dumb");
        IDisplaySurface surface = isTerminal ? new TerminalSurface(Console.Out, time) : new PlainSurface(Console.Out, time);
        _showing = Task.Run(() => ShowAsync(surface, _stopping.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _showing;
        loggers.LineWritten -= Add;
    }

    public void Dispose() => _stopping.Dispose();

    public void Add(string id, string line, LogLevel level)
    {
        if (level >= LogLevel.Information)
            _lines.Writer.TryWrite((id, line, level));
    }

    private async Task ShowAsync(IDisplaySurface surface, CancellationToken cancellationToken)
    {
        var watching = WatchAsync(cancellationToken);
        try
        {
            using var timer = new PeriodicTimer(Interval, time);
            do
                Draw(surface);
            while (await timer.WaitForNextTickAsync(cancellationToken));
        }
        catch (OperationCanceledException)
        {
            // The application has stopped.
        }

        await watching;
        Draw(surface);
        surface.End();
    }

    private async Task WatchAsync(CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var change in notifications.WatchAsync(cancellationToken))
                _table.Update(change);
        }
        catch (OperationCanceledException)
        {
            // The application has stopped.
        }
    }

    private void Draw(IDisplaySurface surface)
    {
        var lines = new List<DisplayLine>();
        while (lines.Count < MaxPendingLines && _lines.Reader.TryRead(out var line))
            lines.Add(new(line.Id, line.Line, line.Level));
        surface.Draw(lines, _table);
    }
}

/// <summary>A log line to show.</summary>
internal sealed record DisplayLine(string Id, string Text, LogLevel Level);

/// <summary>Where lines and table go.</summary>
internal interface IDisplaySurface
{
    void Draw(IReadOnlyList<DisplayLine> lines, ResourceTable table);

    /// <summary>Leaves the console as a shell wants it.</summary>
    void End();
}
