using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Lag;
using Floodgate.Messaging.Counters;

namespace Floodgate.CounterService.Coalescing;

/// <summary>
/// Group commit for one partition. A write that comes while nothing is in flight is sent at once, if few come; those that come while
/// something is gather until its confirm, or until the window is over, or until they fill an envelope. They keep their
/// order, and several envelopes are in flight. After an envelope that was not confirmed, what waits is refused, and so is
/// what comes, but for one write now and then that finds out whether the broker is back.
/// </summary>
/// <remarks>
/// Everything happens in calls of <see cref="TryAdd"/>, at the end of a window and at the end of a publish; one of them at
/// a time sends. Between two awaits nothing depends on a thread or a clock but <paramref name="time"/>.
/// </remarks>
/// <param name="partition">The partition.</param>
/// <param name="newProducer">Makes a version 7 UUID, so that ledger rows of one time lie together, and that its age can be told.</param>
/// <param name="sender">Sends envelopes.</param>
/// <param name="options">Sizes and times.</param>
/// <param name="time">The clock.</param>
/// <param name="lag">How far the flush is behind; null where that does not matter.</param>
internal sealed class PartitionCoalescer(
    int partition, Func<Guid> newProducer, EnvelopeSender sender, CounterOptions options, TimeProvider time, PartitionLag? lag = null)
{
    // An envelope of so many writes shows that there is enough to gather: the next one is not made before the window is over,
    // even if nothing is in flight, as many small envelopes cost more than they save.
    private const int Many = 8;

    private static readonly TimeSpan ProbeInterval = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly Queue<PendingWrite> _waiting = new();
    private readonly Stack<EnvelopeDraft> _drafts = new();
    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private Producer _producer = new(newProducer(), time.GetTimestamp(), 0);
    private int _publishing;
    private int _unfinished;
    private int _window;
    private int _runningWindow = -1;
    private bool _windowOver;
    private bool _isSending;
    private bool _isComplete;
    private int _lastWrites;
    private long? _failedAt;

    /// <summary>How many writes wait for an envelope.</summary>
    public int Waiting => Read(() => _waiting.Count);

    /// <summary>How many envelopes wait for their confirm.</summary>
    public int InFlight => Read(() => _publishing);

    /// <summary>The last envelope; its sequence is 0 where there is none of this producer yet.</summary>
    public EnvelopeId Last => Read(() => new EnvelopeId(_producer.Id, partition, _producer.Sequence));

    /// <summary>Why a write would not be taken now; null where it would, as far as can be told.</summary>
    public WriteStatus? Refusal
    {
        get
        {
            lock (_lock)
            {
                return lag is { WouldRefuse: true } ? WriteStatus.Behind : FindRefusal();
            }
        }
    }

    /// <summary>Takes a write.</summary>
    /// <returns>Null: it is decided when its envelope is. Otherwise why it was not taken.</returns>
    public WriteStatus? TryAdd(PendingWrite write)
    {
        lock (_lock)
        {
            if (FindRefusal() is { } refusal)
            {
                return refusal;
            }

            if (lag is not null && lag.Refuses())
            {
                return WriteStatus.Behind;
            }

            _waiting.Enqueue(write);
        }

        SendWhatIsDue();
        return null;
    }

    /// <summary>Takes no more writes, and waits until those it has are decided.</summary>
    public Task CompleteAsync()
    {
        lock (_lock)
        {
            _isComplete = true;
        }

        SendWhatIsDue();
        lock (_lock)
        {
            TellIfDrained();
        }

        return _drained.Task;
    }

    private WriteStatus? FindRefusal() =>
        _isComplete || !sender.IsReady || (_failedAt is { } failedAt && !IsTimeToProbe(failedAt)) ? WriteStatus.Away
        : _waiting.Count >= options.WaitingWrites ? WriteStatus.Busy
        : null;

    private bool IsTimeToProbe(long failedAt) =>
        _waiting.Count == 0 && _publishing == 0 && time.GetElapsedTime(failedAt) >= ProbeInterval;

    private bool IsDue() =>
        _waiting.Count > 0 && _unfinished < options.EnvelopesInFlight
        && ((_publishing == 0 && _lastWrites < Many && lag is not { IsWidened: true }) || _windowOver || _isComplete || _waiting.Count >= options.EnvelopeWrites);

    private async Task EndWindowAsync(int window, TimeSpan length)
    {
        await Task.Delay(length, time, CancellationToken.None);
        lock (_lock)
        {
            if (window != _window)
            {
                return;
            }

            _windowOver = true;
        }

        SendWhatIsDue();
    }

    // One at a time, whoever comes first, until nothing is due any more; the others only leave something to send. Each
    // publish is begun before the next, so the order of the envelopes is the order on the wire.
    private void SendWhatIsDue()
    {
        var isSending = false;
        while (TryTake(ref isSending, out var id, out var draft))
        {
            _ = SendAsync(id, draft);
        }
    }

    private bool TryTake(ref bool isSending, out EnvelopeId id, [NotNullWhen(true)] out EnvelopeDraft? draft)
    {
        (id, draft) = (default, null);
        lock (_lock)
        {
            if (_isSending && !isSending)
            {
                return false;
            }

            _isSending = isSending = IsDue();
            if (!isSending)
            {
                StartWindow();
                return false;
            }

            draft = TakeDraft();
            id = NextId();
            return true;
        }
    }

    private void StartWindow()
    {
        if (_waiting.Count > 0 && _runningWindow != _window)
        {
            _runningWindow = _window;
            _ = EndWindowAsync(_window, lag?.Window ?? options.CoalesceWindow);
        }
    }

    private EnvelopeDraft TakeDraft()
    {
        var draft = _drafts.TryPop(out var used) ? used : new EnvelopeDraft();
        while (draft.Writes.Count < options.EnvelopeWrites && _waiting.TryDequeue(out var write))
        {
            draft.Writes.Add(write);
        }

        _lastWrites = draft.Writes.Count;
        _window++;
        _windowOver = false;
        _publishing++;
        _unfinished++;
        return draft;
    }

    private EnvelopeId NextId()
    {
        if (time.GetElapsedTime(_producer.Since) >= options.ProducerLifetime)
        {
            _producer = new Producer(newProducer(), time.GetTimestamp(), 0);
        }

        _producer = _producer with { Sequence = _producer.Sequence + 1 };
        return new EnvelopeId(_producer.Id, partition, _producer.Sequence);
    }

    private async Task SendAsync(EnvelopeId id, EnvelopeDraft draft)
    {
        var sentAt = time.GetTimestamp();
        var isDurable = await sender.PublishAsync(id, draft);
        if (isDurable)
        {
            lag?.Book.Confirm(id.Producer, id.Sequence, draft.Writes.Count, sentAt);
        }

        var show = isDurable ? sender.ShowAsync(id, draft) : Task.CompletedTask;
        Published(isDurable);
        await show;
        draft.Clear();
        Finished(draft);
    }

    private void Published(bool isDurable)
    {
        lock (_lock)
        {
            _publishing--;
            _failedAt = isDurable ? null : time.GetTimestamp();
            while (!isDurable && _waiting.TryDequeue(out var write))
            {
                // To send it would make it wait for the broker once more.
                write.Complete(WriteOutcome.Refused(WriteStatus.Away));
            }
        }

        SendWhatIsDue();
    }

    private void Finished(EnvelopeDraft draft)
    {
        lock (_lock)
        {
            _unfinished--;
            _drafts.Push(draft);
            TellIfDrained();
        }

        SendWhatIsDue();
    }

    private void TellIfDrained()
    {
        if (_isComplete && _waiting.Count == 0 && _unfinished == 0)
        {
            _drained.TrySetResult();
        }
    }

    private T Read<T>(Func<T> what)
    {
        lock (_lock)
        {
            return what();
        }
    }

    /// <summary>Who the ledger knows the envelopes by.</summary>
    /// <param name="Id">Its name.</param>
    /// <param name="Since">Since when it is used.</param>
    /// <param name="Sequence">The number of its last envelope.</param>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Producer(Guid Id, long Since, long Sequence);
}
