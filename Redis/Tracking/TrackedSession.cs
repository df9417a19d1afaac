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
    /// <summary>How many values wait to be read at most: who comes with more reads them in another way.</summary>
    internal const int MostWanted = 16_384;

    /// <summary>How long Redis may be late before the connection, and all copies with it, are given up.</summary>
    internal static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(2);

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
    private bool _isLate;
    private long _place;

    /// <summary>Begins with no copies.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="kinds">What is kept.</param>
    /// <param name="settings">What it is kept with.</param>
    /// <param name="metrics">What is measured.</param>
    public TrackedSession(TrackingConnection connection, IReadOnlyList<TrackedKind> kinds, TrackedSettings settings, TrackedMetrics metrics)
    {
        (_connection, _settings, _metrics, Run) = (connection, settings, metrics, connection.Run);
        _parts = [.. kinds.Select((kind, i) => kind.Begin(this, i))];
    }

    /// <summary>The run of Redis that the copies are of.</summary>
    public string Run { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time => _settings.Time;

    /// <summary>The next place in what is received. For who receives.</summary>
    public long NextPlace() => ++_place;

    /// <summary>Joins the next question.</summary>
    /// <param name="missing">How many values are to be read at most.</param>
    /// <param name="want">Adds them; null where there are none.</param>
    /// <returns>The question; null where Redis is late, the connection is lost or too much waits.</returns>
    public TrackedWave? Join(int missing, Action<TrackedWave>? want)
    {
        lock (_lock)
        {
            if (_isOver || _isLate || missing > MostWanted - (_next?.Wanted ?? 0))
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
            await _connection.EndReceivingAsync();
        }
    }

    private async Task AskAsync()
    {
        try
        {
            while (TryTakeNext() is { } question)
            {
                var asking = AskAsync(question);
                try
                {
                    await asking.WaitAsync(_settings.Patience, Time);
                }
                catch (TimeoutException)
                {
                    // Whatever becomes of it when nobody waits for it any more.
                    _ = asking.ContinueWith(static ended => ended.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                    BeLate(question.Wave);
                    await asking.WaitAsync(GiveUpAfter, Time);
                }
            }
        }
        catch
        {
            // Nothing is sent any more, and who receives sees the end of the connection.
            End();
            await _connection.DisposeAsync();
        }
    }

    private async Task AskAsync(Question question)
    {
        await _connection.SendAsync(_output.WrittenMemory, CancellationToken.None);
        await question.Answered;
    }

    // Under the lock, so that a question is either sent or fails with the session. Null: there is none.
    private Question? TryTakeNext()
    {
        lock (_lock)
        {
            _isLate = false;
            if (_next is not { } next)
            {
                _isAsking = false;
                return null;
            }

            // What cannot be written is still the next one, which fails with the session.
            _output.ResetWrittenCount();
            _sent = new Question(next, next.Write(_output));
            _next = null;
            return _sent;
        }
    }

    // Who waits reads in another way, and so does who comes until there is an answer. What is kept stays.
    private void BeLate(TrackedWave wave)
    {
        TrackedWave? next;
        lock (_lock)
        {
            _isLate = true;
            next = _next;
            _next = null;
        }

        wave.Fail();
        next?.Fail();
    }

    private void Take(RespFrame frame)
    {
        if (frame.IsPush)
        {
            TakePush(frame);
            return;
        }

        if (_sent is not { } sent)
        {
            throw new InvalidDataException("Redis answers what was not asked.");
        }

        sent.Answers.Dequeue()(frame);
        if (sent.Answers.Count == 0)
        {
            _sent = null;
            sent.Complete(_place);
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
        _sent?.Fail();
    }

    private sealed class Question(TrackedWave wave, Queue<Action<RespFrame>> answers)
    {
        private readonly TaskCompletionSource _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public TrackedWave Wave => wave;

        public Queue<Action<RespFrame>> Answers => answers;

        // Also where those who asked do not wait for it any more.
        public Task Answered => _answered.Task;

        public void Complete(long place)
        {
            _answered.TrySetResult();
            wave.Complete(place);
        }

        public void Fail()
        {
            wave.Fail();
            _answered.TrySetException(new IOException("The connection was lost."));
        }
    }
}
