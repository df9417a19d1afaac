using System.Globalization;
using Spectre.Console;

namespace Floodgate.Bench.Measuring;

/// <summary>How far a piece of work is. Safe for concurrent use.</summary>
internal sealed class Progress(long total)
{
    private long _done;

    /// <summary>How much there is.</summary>
    public long Total => total;

    /// <summary>How much is done.</summary>
    public long Done => Volatile.Read(ref _done);

    /// <summary>Some more is done.</summary>
    public void Add(long amount) => Interlocked.Add(ref _done, amount);
}

/// <summary>Shows a bar on a terminal, and a line every few seconds where the output goes to a file.</summary>
internal sealed class ProgressDisplay(IAnsiConsole console, TimeProvider time)
{
    private static readonly TimeSpan BarInterval = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(5);

    /// <summary>Does the work and shows how far it is.</summary>
    /// <param name="title">What is being done.</param>
    /// <param name="total">How much there is.</param>
    /// <param name="work">The work; it adds to the progress.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(string title, long total, Func<Progress, Task> work, CancellationToken cancellation)
    {
        var progress = new Progress(total);
        var started = time.GetTimestamp();
        if (console.Profile.Out.IsTerminal)
        {
            await console.Progress()
                .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(async context =>
                {
                    var bar = context.AddTask(Markup.Escape(title), maxValue: Math.Max(1, total));
                    await FollowAsync(work(progress), BarInterval, () => bar.Value = progress.Done, cancellation);
                    bar.Value = bar.MaxValue;
                });
        }
        else
        {
            await FollowAsync(work(progress), LineInterval, () => ShowLine(title, progress, started), cancellation);
            ShowLine(title, progress, started);
        }
    }

    private async Task FollowAsync(Task working, TimeSpan interval, Action show, CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(interval, time);
        while (!working.IsCompleted)
        {
            var tick = timer.WaitForNextTickAsync(cancellation).AsTask();
            if (await Task.WhenAny(working, tick) == working) break;
            if (tick.IsCompletedSuccessfully) show();
            else break;
        }

        await working;
    }

    private void ShowLine(string title, Progress progress, long started) =>
        console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{title}: {progress.Done:N0} of {progress.Total:N0} after {ReportTable.Text(time.GetElapsedTime(started))}"));
}
