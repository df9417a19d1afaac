using System.Runtime.InteropServices;
using StackExchange.Redis;

namespace Floodgate.Leases.Store;

/// <summary>What Redis told of the log of changes.</summary>
/// <param name="Answer">The answer of <see cref="LeaseScripts.Changes"/>.</param>
/// <param name="InOrder">Whether it was given before all that was sent behind the question.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ChangesTold(RedisValue[] Answer, bool InOrder);

/// <summary>Asks Redis what changed.</summary>
/// <param name="since">The last change that is known; null where none is.</param>
/// <param name="behind">Adds commands to those that are sent at once, behind the question; null where there are none.</param>
internal delegate Task<ChangesTold> AskChanges(long? since, Action<IDatabaseAsync>? behind);

/// <summary>
/// Brings the <see cref="ChangeLog"/> up to date: one question at a time, which all share who came before it was sent. Nobody shares one that was
/// sent before: it may have come before a change that the caller knows of. What callers ask of Redis besides can go with it, behind the question: a
/// connection's commands are run in the order in which they are sent, so that it is one round trip and yet one after the other. Safe for concurrent use.
/// </summary>
/// <param name="log">The log.</param>
/// <param name="ask">Asks Redis. Ends in any case.</param>
/// <param name="timeout">How long what is sent behind a question may take before nobody else waits for it any more: how that ended its callers see by their own tasks.</param>
/// <param name="time">The clock.</param>
internal sealed class ChangeFeed(ChangeLog log, AskChanges ask, TimeSpan timeout, TimeProvider time)
{
    /// <summary>The keys of the log in Redis: the number of the last change, and the names of those that changed, newest first.</summary>
    public static readonly RedisKey[] Keys = ["lc:changes:last", "lc:changes:keys"];

    // So that one round trip takes a few milliseconds at most, and those who wait are bounded.
    internal const int MostBehind = 256;

    private readonly Lock _lock = new();
    private Question? _next;
    private bool _isAsking;

    /// <summary>Ends when all changes are known that were made before the call, or it is known that they are not.</summary>
    /// <param name="behind">Adds commands to those that are sent behind the question, and gives the last of them.</param>
    /// <returns>Whether they were run behind it; not where too many wait already: then they are not sent.</returns>
    /// <exception cref="StoreUnavailableException">Redis does not answer.</exception>
    public Task<bool> CatchUpAsync(Func<IDatabaseAsync, Task>? behind = null)
    {
        lock (_lock)
        {
            _next ??= new Question();
            if (behind is not null)
            {
                if (_next.Behind.Count >= MostBehind)
                {
                    return Task.FromResult(false);
                }

                _next.Behind.Add(behind);
            }

            var mine = _next.Answered.Task;
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
        while (Take() is { } question)
        {
            try
            {
                question.Answered.SetResult(await AskAsync(question.Behind));
            }
            catch (Exception exception)
            {
                question.Answered.SetException(exception);
            }
        }
    }

    private Question? Take()
    {
        lock (_lock)
        {
            var next = _next;
            _next = null;
            _isAsking = next is not null;
            return next;
        }
    }

    private async Task<bool> AskAsync(List<Func<IDatabaseAsync, Task>> behind)
    {
        var (era, last) = log.State;
        Task? sent = null;
        var (answer, inOrder) = await ask(last, behind.Count == 0 ? null : batch => sent = Send(behind, batch));
        if (sent is not null)
        {
            // The last answer comes last: so the others need wake nobody.
            await sent.WaitAsync(timeout, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        log.Take(era, last, (long)answer[0], (int)answer[1] == 1 ? Array.ConvertAll(answer[2..], static key => (string)key!) : null);
        return inOrder;
    }

    private static Task? Send(List<Func<IDatabaseAsync, Task>> behind, IDatabaseAsync batch)
    {
        Task? last = null;
        foreach (var send in behind)
        {
            try
            {
                last = send(batch) is { IsCompleted: false } sent ? sent : last;
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // Its caller finds it unsent, and the others must not suffer from it.
            }
        }

        return last;
    }

    private sealed class Question
    {
        // Who waits goes on side by side, not one after the other on the thread that got the answer.
        public TaskCompletionSource<bool> Answered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public List<Func<IDatabaseAsync, Task>> Behind { get; } = [];
    }
}
