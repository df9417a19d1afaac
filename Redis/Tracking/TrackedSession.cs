using System.Buffers;

namespace Floodgate.Redis.Tracking;

/// <summary>The copies that one connection keeps up to date. Safe for concurrent use.</summary>
/// <remarks>
/// A copy is believed by who has asked Redis anything, a <c>PING</c> for want of something better, and has received the answer: Redis sends the word that a key was
/// changed, and the answer, in the order in which it did both. So a change that was made before the question has been heard of when the answer is there. One
/// question at a time is under way, and all share the next one who come before it is sent.
/// </remarks>
internal sealed class TrackedSession
{
    /// <summary>How many keys wait to be read at most: who comes with more reads them in another way.</summary>
    internal const int MostWanted = 4096;

    private readonly Lock _lock = new();
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly TrackingConnection _connection;
    private readonly TrackedSettings _settings;
    private readonly TrackedMetrics _metrics;
    private readonly TrackedPart[] _parts;
    private TrackedWave? _next;
    private volatile Question? _sent;
    private bool _isAsking;
    private bool _isOver;
    private long _place;

    /// <summary>Begins with no copies.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="kinds">What is kept.</param>
    /// <param name="settings">What it is kept with.</param>
    /// <param name="metrics">What is measured.</param>
    public TrackedSession(TrackingConnection connection, IReadOnlyList<TrackedKind> kinds, TrackedSettings settings, TrackedMetrics metrics)
    {
        (_connection, _settings, _metrics) = (connection, settings, metrics);
        _parts = [.. kinds.Select((kind, i) => kind.Begin(this, i))];
    }

    /// <summary>The clock.</summary>
    public TimeProvider Time => _settings.Time;

    /// <summary>The next place in what is received. For who receives.</summary>
    public long NextPlace() => ++_place;

    /// <summary>Joins the next question.</summary>
    /// <param name="missing">How many keys are to be read at most.</param>
    /// <param name="want">Adds them; null where there are none.</param>
    /// <returns>The question; null where the connection is lost or too much waits.</returns>
    public TrackedWave? Join(int missing, Action<TrackedWave>? want)
    {
        lock (_lock)
        {
            if (_isOver || missing > MostWanted - (_next?.Wanted ?? 0))
            {
                return null;
            }

            var wave = _next ??= new TrackedWave(_parts.Length);
            want?.Invoke(wave);
            if (!_isAsking)
            {
                _isAsking = true;

                // It serves others too: spans of theirs are not to be this caller's.
                using (ExecutionContext.SuppressFlow())
                {
                    // Behind what waits to run already, so that more can join.
                    _ = Task.Factory.StartNew(AskAsync, CancellationToken.None, TaskCreationOptions.PreferFairness, TaskScheduler.Default);
                }
            }

            return wave;
        }
    }

    /// <summary>Receives what Redis says until the connection is lost.</summary>
    /// <exception cref="IOException">It is lost.</exception>
    /// <exception cref="InvalidDataException">What came is nothing that Redis says.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                Take(await _connection.ReceiveAsync(cancellationToken));
            }
        }
        finally
        {
            End();
        }
    }

    private async Task AskAsync()
    {
        while (TakeNext() is { } wave)
        {
            try
            {
                _output.ResetWrittenCount();
                _sent = new Question(wave, wave.Write(_output));
                await _connection.SendAsync(_output.WrittenMemory, CancellationToken.None).AsTask().WaitAsync(_settings.Patience, Time);
                await wave.Answered.WaitAsync(_settings.Patience, Time);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // Whatever it was, nobody knows any more what comes is the answer to. Who receives sees the end of the connection.
                wave.Fail();
                await _connection.DisposeAsync();
            }
        }
    }

    private TrackedWave? TakeNext()
    {
        lock (_lock)
        {
            var next = _next;
            _next = null;
            _isAsking = next is not null;
            return next;
        }
    }

    private void Take(RespFrame frame)
    {
        if (frame.IsPush)
        {
            TakePush(frame);
            return;
        }

        if (frame.IsError || _sent is not { } sent)
        {
            throw new InvalidDataException(frame.IsError ? $"Redis answers: {frame.Words}" : "Redis answers what was not asked.");
        }

        sent.Answers.Dequeue()(frame);
        if (sent.Answers.Count == 0)
        {
            _sent = null;
            sent.Wave.Complete(_place);
        }
    }

    private void TakePush(RespFrame frame)
    {
        if (frame.Items is not [{ } what, { } keys, ..] || what.Words != "invalidate")
        {
            return;
        }

        var place = NextPlace();
        if (keys.Kind == (byte)'_')
        {
            // All of the database.
            foreach (var part in _parts)
            {
                part.Forget(place);
            }

            return;
        }

        _metrics.Changed(keys.Items.Length);
        foreach (var key in keys.Items)
        {
            for (var i = 0; i < _parts.Length && !_parts[i].TryChange(key.Text, place); i++)
            {
            }
        }
    }

    private void End()
    {
        TrackedWave? next;
        lock (_lock)
        {
            _isOver = true;
            next = _next;
            _next = null;
        }

        next?.Fail();
        _sent?.Wave.Fail();
    }

    private sealed record Question(TrackedWave Wave, Queue<Action<RespFrame>> Answers);
}
