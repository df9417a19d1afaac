using System.Globalization;
using System.Runtime.InteropServices;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Lookups;
using Floodgate.CounterService.Telemetry;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;
using Floodgate.VisibleValues.Reactions;
using Microsoft.Extensions.Options;
using Npgsql;
using StackExchange.Redis;

namespace Floodgate.CounterService.Likes;

/// <summary>
/// Fills the hash of a user who reads with the pairs that the database has, beside the reads: from then on it says of any other post that it is not liked, and a
/// page of likes needs no query. First a mark is set; once that is older than anything that was acknowledged before it can be without having been flushed, or
/// being told by the flush, the primary is asked, many users in one query (see <see cref="CounterQueueOptions.FillAfter"/>).
/// What is not to be had in time is left for the next read.
/// </summary>
internal sealed class ReactionFill
{
    private const int MostWaiting = 10_000;
    private const int MarksAtOnce = 100;

    // A user may have many pairs, which are on as many pages of the table.
    private const int FillsAtOnce = 10;

    private readonly string _process = Guid.NewGuid().ToString("N");
    private readonly IReactionMemory _memory;
    private readonly IStoredReactionSource _source;
    private readonly CounterOptions _options;
    private readonly RedisPatience _patience;
    private readonly CounterTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger<ReactionFill> _logger;
    private readonly BatchedLookup<long, bool> _marks;
    private readonly BatchedLookup<Marked, bool> _fills;
    private long _count;

    public ReactionFill(
        IReactionMemory memory, IStoredReactionSource source, RedisPatience patience, CounterTelemetry telemetry, IOptions<CounterOptions> options, TimeProvider time,
        ILogger<ReactionFill> logger)
    {
        (_memory, _source, _patience, _telemetry) = (memory, source, patience, telemetry);
        (_options, _time, _logger) = (options.Value, time, logger);
        _marks = new BatchedLookup<long, bool>("marks", MarkAsync, MarksAtOnce, MostWaiting, concurrency: 1);
        _fills = new BatchedLookup<Marked, bool>("pairs of users", FillAsync, FillsAtOnce, MostWaiting, concurrency: 1);
    }

    /// <summary>Does what is next for the hash of a user, if anything is, and does not wait for it.</summary>
    /// <param name="user">The user.</param>
    /// <param name="seen">What the hash said.</param>
    public void Offer(long user, RememberedReactions seen)
    {
        if (seen.IsComplete)
        {
            return;
        }

        if (seen.Mark is not { } mark)
        {
            _ = FinishAsync("mark", _marks.GetAsync(user));
        }
        else if (AgeOf(mark) >= _options.FlushInterval + _options.FillAfter)
        {
            _ = FinishAsync("fill", _fills.GetAsync(new Marked(user, mark)));
        }
    }

    private async Task<IReadOnlyList<bool>> MarkAsync(IReadOnlyList<long> users)
    {
        var now = _time.GetUtcNow().ToUnixTimeMilliseconds();
        await _patience.WaitAsync(Task.WhenAll(users.Select(user => _memory.MarkAsync(
            user, string.Create(CultureInfo.InvariantCulture, $"{now}:{_process}:{Interlocked.Increment(ref _count)}")))));
        return new bool[users.Count];
    }

    private async Task<IReadOnlyList<bool>> FillAsync(IReadOnlyList<Marked> users)
    {
        var stored = await _source.ReadAsync([.. users.Select(of => of.User)]);
        await _patience.WaitAsync(Task.WhenAll(users.Select((of, i) => _memory.CompleteAsync(of.User, of.Mark, stored[i]))));
        return new bool[users.Count];
    }

    // Another process made the mark, by its own clock: see docs/counters.md on clocks.
    private TimeSpan AgeOf(string mark) =>
        mark.IndexOf(':', StringComparison.Ordinal) is > 0 and var end
        && long.TryParse(mark.AsSpan(0, end), NumberStyles.None, CultureInfo.InvariantCulture, out var since)
            ? _time.GetUtcNow() - DateTimeOffset.FromUnixTimeMilliseconds(since)
            : TimeSpan.Zero;

    private async Task FinishAsync(string step, Task<bool> done)
    {
        try
        {
            await done;
            _telemetry.FillEnded(step, failed: false);
        }
        catch (Exception exception) when (exception is RedisException or NpgsqlException or TimeoutException or OperationCanceledException or IOException or LookupBusyException)
        {
            _telemetry.FillEnded(step, failed: true);
            CounterLog.NotFilled(_logger, exception.Message);
        }
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Marked(long User, string Mark);
}
