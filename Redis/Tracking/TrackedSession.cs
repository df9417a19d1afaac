using System.Buffers;

namespace Floodgate.Redis.Tracking;

/// <summary>The copies that one connection keeps up to date. Safe for concurrent use.</summary>
/// <remarks>
/// A copy is believed by who has asked Redis anything, a <c>PING</c> for want of something better, and has received the answer: Redis sends the word that a key was
/// changed, and the answer, in the order in which it did both. So a change that was made before the question has been heard of when the answer is there. One
/// question at a time is under way, and all share the next one who come before it is sent.
/// </remarks>
internal sealed class TrackedSession<TKey, TValue>(TrackingConnection connection, TrackedCodec<TKey, TValue> codec, TrackedSettings settings, TrackedMetrics metrics)
    where TKey : notnull
    where TValue : class
{
    /// <summary>How many keys one command reads, so that it holds up others for some tens of microseconds at most.</summary>
    internal const int MostAtOnce = 256;

    /// <summary>How many keys wait to be read: who comes with more reads them in another way.</summary>
    internal const int MostWanted = 4096;

    /// <summary>A key that was changed so short a time ago is read along with the question: it is likely changed again before there is an answer, and that would take a second one.</summary>
    internal static readonly TimeSpan ChangesFor = TimeSpan.FromMilliseconds(250);

    private readonly Lock _lock = new();
    private readonly ArrayBufferWriter<byte> _output = new();
    private TrackedWave<TKey, TValue>? _next;
    private volatile Question? _sent;
    private volatile TrackedCopies<TKey, TValue> _copies = new();
    private bool _isAsking;
    private bool _isOver;
    private long _place;

    /// <summary>How many copies there are.</summary>
    public int Count => _copies.Count;

    /// <summary>Asks for keys.</summary>
    /// <returns>The question; null where the connection is lost or too much waits.</returns>
    public TrackedRead<TKey, TValue>? Ask(IReadOnlyList<TKey> keys)
    {
        var (found, missing, copies) = (new TrackedCopy<TValue>?[keys.Count], 0, _copies);
        for (var i = 0; i < found.Length; i++)
        {
            if (copies.TryFind(keys[i], out var copy) && !copy.IsChanged && !IsChanging(copy))
            {
                found[i] = copy;
            }
            else
            {
                missing++;
            }
        }

        metrics.Asked(found.Length - missing, missing);
        return Join(keys, found, missing) is { } wave ? new TrackedRead<TKey, TValue>(this, keys, found, wave) : null;
    }

    /// <summary>Has keys read whatever copies there are.</summary>
    /// <returns>What they are read with; null where the connection is lost or too much waits.</returns>
    public TrackedWave<TKey, TValue>? Read(IReadOnlyList<TKey> keys)
    {
        metrics.Asked(0, keys.Count);
        return Join(keys, new TrackedCopy<TValue>?[keys.Count], keys.Count);
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
                Take(await connection.ReceiveAsync(cancellationToken));
            }
        }
        finally
        {
            End();
        }
    }

    private bool IsChanging(TrackedCopy<TValue> copy) => copy.LastChange is { } changed && settings.Time.GetElapsedTime(changed) < ChangesFor;

    private TrackedWave<TKey, TValue>? Join(IReadOnlyList<TKey> keys, TrackedCopy<TValue>?[] found, int missing)
    {
        lock (_lock)
        {
            if (_isOver || missing > MostWanted - (_next?.Wanted.Count ?? 0))
            {
                return null;
            }

            var wave = _next ??= new TrackedWave<TKey, TValue>();
            for (var i = 0; missing > 0 && i < found.Length; i++)
            {
                if (found[i] is null)
                {
                    wave.Wanted.Add(keys[i]);
                }
            }

            if (!_isAsking)
            {
                _isAsking = true;

                // It serves others too: spans of theirs are not to be this caller's.
                using (ExecutionContext.SuppressFlow())
                {
                    _ = AskAsync();
                }
            }

            return wave;
        }
    }

    private async Task AskAsync()
    {
        // Out of the lock of who asks, so that more can join.
        await Task.Yield();
        while (TakeNext() is { } wave)
        {
            try
            {
                Write(wave);
                await connection.SendAsync(_output.WrittenMemory, CancellationToken.None).AsTask().WaitAsync(settings.Patience, settings.Time);
                await wave.Answered.WaitAsync(settings.Patience, settings.Time);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // Whatever it was, nobody knows any more what comes is the answer to. Who receives sees the end of the connection.
                wave.Fail();
                await connection.DisposeAsync();
            }
        }
    }

    private TrackedWave<TKey, TValue>? TakeNext()
    {
        lock (_lock)
        {
            var next = _next;
            _next = null;
            _isAsking = next is not null;
            return next;
        }
    }

    private void Write(TrackedWave<TKey, TValue> wave)
    {
        _output.ResetWrittenCount();
        var keys = wave.Wanted.Count == 0 ? [] : wave.Wanted.Chunk(MostAtOnce).ToArray();
        _sent = new Question(wave, keys);
        if (keys.Length == 0)
        {
            RespCommand.Write(_output, "PING");
        }

        Span<byte> key = stackalloc byte[codec.LongestKey];
        foreach (var some in keys)
        {
            RespCommand.Begin(_output, some.Length + 1);
            RespCommand.Part(_output, "MGET"u8);
            foreach (var one in some)
            {
                RespCommand.Part(_output, key[..codec.WriteKey(one, key)]);
            }
        }
    }

    private void Take(RespFrame frame)
    {
        if (frame.IsPush)
        {
            TakePush(frame);
            return;
        }

        if (_sent is not { } sent || frame.IsError)
        {
            throw new InvalidDataException(frame.IsError ? $"Redis answers: {frame.Words}" : "Redis answers what was not asked.");
        }

        if (sent.Keys.Length > 0)
        {
            Keep(sent, frame.Items);
        }

        if (sent.Answers >= sent.Keys.Length)
        {
            _sent = null;
            sent.Wave.Complete(_place);
        }
    }

    private void Keep(Question sent, RespFrame[] values)
    {
        var keys = sent.Keys[sent.Answers++];
        if (values.Length != keys.Length)
        {
            throw new InvalidDataException($"Redis gives {values.Length} values for {keys.Length} keys.");
        }

        if (_copies.Count + keys.Length > settings.MostCopies)
        {
            // Those that are asked for come back: it costs no more than if none were kept.
            Forget();
        }

        for (var i = 0; i < keys.Length; i++)
        {
            sent.Wave.Read[keys[i]] = _copies.Put(keys[i], values[i].Text is { } text ? codec.ReadValue(text) : null);
        }
    }

    private void TakePush(RespFrame frame)
    {
        if (frame.Items is not [{ } what, { } keys, ..] || what.Words != "invalidate")
        {
            return;
        }

        _place++;
        if (keys.Kind == (byte)'_')
        {
            // All of the database.
            Forget();
            return;
        }

        metrics.Changed(keys.Items.Length);
        foreach (var text in keys.Items)
        {
            if (codec.TryReadKey(text.Text, out var key) && _copies.TryFind(key, out var copy))
            {
                copy.Change(_place, settings.Time.GetTimestamp());
            }
        }
    }

    private void Forget()
    {
        var forgotten = _copies;
        _copies = new TrackedCopies<TKey, TValue>();
        forgotten.End(++_place);
    }

    private void End()
    {
        TrackedWave<TKey, TValue>? next;
        lock (_lock)
        {
            _isOver = true;
            next = _next;
            _next = null;
        }

        next?.Fail();
        _sent?.Wave.Fail();
    }

    // Answers: how many of its commands were answered.
    private sealed class Question(TrackedWave<TKey, TValue> wave, TKey[][] keys)
    {
        public TrackedWave<TKey, TValue> Wave => wave;

        public TKey[][] Keys => keys;

        public int Answers { get; set; }
    }
}
