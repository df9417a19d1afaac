using StackExchange.Redis;

namespace Floodgate.Leases.Store;

/// <summary>
/// Keeps callers from a Redis that does not answer: each call has a time limit, and after several failures Redis is left alone for a while.
/// </summary>
/// <remarks>Every read goes through it, so a call that is answered costs one count and no lock.</remarks>
internal sealed class RedisGuard(TimeSpan timeout, TimeSpan rest, TimeProvider time)
{
    private const int Failures = 5;

    private static readonly TimeSpan Window = TimeSpan.FromSeconds(2);

    private readonly Lock _failing = new();
    private long _openedAt = long.MinValue;
    private long _windowBegan = time.GetTimestamp();
    private long _answered;
    private int _failed;
    private bool _isOnTrial;

    /// <summary>How long Redis may take.</summary>
    public TimeSpan Timeout => timeout;

    /// <summary>The clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Whether Redis is left alone now.</summary>
    public bool IsResting => Volatile.Read(ref _openedAt) is var opened && opened != long.MinValue && time.GetElapsedTime(opened) < rest;

    /// <summary>Runs a call.</summary>
    /// <exception cref="StoreUnavailableException">There is no answer in time, or Redis is left alone.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> call)
    {
        if (IsResting)
        {
            throw new StoreUnavailableException("Redis failed a moment ago.");
        }

        try
        {
            var answer = await call().WaitAsync(timeout, time);
            Succeeded();
            return answer;
        }
        catch (Exception exception) when (IsFailure(exception))
        {
            Failed();
            throw new StoreUnavailableException($"Redis does not answer: {exception.Message}", exception);
        }
    }

    private static bool IsFailure(Exception exception) => exception is RedisException or TimeoutException or ObjectDisposedException;

    private void Succeeded()
    {
        Interlocked.Increment(ref _answered);
        if (Volatile.Read(ref _isOnTrial))
        {
            lock (_failing)
            {
                Begin();
            }
        }
    }

    // Half of at least so many calls within the window; or the first that was made after the rest.
    private void Failed()
    {
        lock (_failing)
        {
            if (!_isOnTrial && time.GetElapsedTime(_windowBegan) >= Window)
            {
                Begin();
            }

            if (++_failed < (_isOnTrial ? 1 : Failures) || (!_isOnTrial && _failed < Interlocked.Read(ref _answered)))
            {
                return;
            }

            Begin();
            _isOnTrial = true;
            Volatile.Write(ref _openedAt, time.GetTimestamp());
        }
    }

    private void Begin()
    {
        (_windowBegan, _failed, _isOnTrial) = (time.GetTimestamp(), 0, false);
        Interlocked.Exchange(ref _answered, 0);
    }
}
