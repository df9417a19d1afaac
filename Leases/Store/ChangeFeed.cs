using StackExchange.Redis;

namespace Floodgate.Leases.Store;

/// <summary>
/// Brings the <see cref="ChangeLog"/> up to date: one question at a time, which all share who came before it was sent. Nobody shares one that was
/// sent before: it may have come before a change that the caller knows of. Safe for concurrent use.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="ask">
/// Asks Redis what changed since a number, null where none is known, and gives the answer of <see cref="LeaseScripts.Changes"/>; ends in any case.
/// </param>
internal sealed class ChangeFeed(ChangeLog log, Func<long?, Task<RedisValue[]>> ask)
{
    /// <summary>The keys of the log in Redis: the number of the last change, and the names of those that changed, newest first.</summary>
    public static readonly RedisKey[] Keys = ["lc:changes:last", "lc:changes:keys"];

    private readonly Lock _lock = new();
    private TaskCompletionSource? _next;
    private bool _isAsking;

    /// <summary>Ends when all changes are known that were made before the call, or it is known that they are not.</summary>
    /// <exception cref="StoreUnavailableException">Redis does not answer.</exception>
    public Task CatchUpAsync()
    {
        lock (_lock)
        {
            // Who waits goes on side by side, not one after the other on the thread that got the answer.
            _next ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var mine = _next.Task;
            if (!_isAsking)
            {
                _isAsking = true;

                // It serves others too: spans of theirs are not to be this caller's.
                using (ExecutionContext.SuppressFlow())
                {
                    _ = RunAsync();
                }
            }

            return mine;
        }
    }

    private async Task RunAsync()
    {
        // Out of the lock of who asks, so that more can join.
        await Task.Yield();
        while (Take() is { } asking)
        {
            try
            {
                await AskAsync();
                asking.SetResult();
            }
            catch (Exception exception)
            {
                asking.SetException(exception);
            }
        }
    }

    private TaskCompletionSource? Take()
    {
        lock (_lock)
        {
            var next = _next;
            _next = null;
            _isAsking = next is not null;
            return next;
        }
    }

    private async Task AskAsync()
    {
        var (era, last) = log.State;
        var answer = await ask(last);
        log.Take(era, last, (long)answer[0], (int)answer[1] == 1 ? Array.ConvertAll(answer[2..], static key => (string)key!) : null);
    }
}
