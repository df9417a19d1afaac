using Floodgate.Bench.CommandLine;
using Floodgate.TimelineService.FanOut;
using Npgsql;

namespace Floodgate.Bench.Timelines;

/// <summary>
/// Waits until all posts are fanned out. What <c>/internal/oracle/backlog</c> looks at, without the queues, which cost a channel each time: a row of the
/// outbox becomes an open job before it goes, and a job is open until it is done.
/// </summary>
internal sealed class Backlog(NpgsqlDataSource primary, OpenJobs jobs, TimeProvider time)
{
    private const string HasRows = "SELECT EXISTS (SELECT 1 FROM outbox WHERE kind IN ('post', 'backfill'))";

    /// <summary>How often it looks unless it is told otherwise.</summary>
    public static readonly TimeSpan Often = TimeSpan.FromMilliseconds(1);

    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(5);

    /// <summary>Waits.</summary>
    /// <exception cref="RunFailedException">It takes more than 5 minutes, or Redis does not answer.</exception>
    public Task DrainAsync(CancellationToken cancellation) => DrainAsync(Often, cancellation);

    /// <summary>Waits, and looks every so often: each look costs the servers that are measured something.</summary>
    /// <exception cref="RunFailedException">It takes more than 5 minutes, or Redis does not answer.</exception>
    public async Task DrainAsync(TimeSpan look, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        await using var connection = await primary.OpenConnectionAsync(cancellation);
        await using var command = new NpgsqlCommand(HasRows, connection);
        await command.PrepareAsync(cancellation);

        // The outbox is looked at where no job is open, as its rows that are deleted make that slower; and then once more whether a job is open, as a row may
        // have become one meanwhile.
        while (await AreOpenAsync() || (bool)(await command.ExecuteScalarAsync(cancellation))! || await AreOpenAsync())
        {
            if (time.GetElapsedTime(started) > Limit) throw new RunFailedException($"Posts were not fanned out within {Limit}.");
            await Task.Delay(look, time, cancellation);
        }
    }

    private async Task<bool> AreOpenAsync() => (await jobs.CountAsync() ?? throw new RunFailedException("Redis did not answer.")) > 0;
}
