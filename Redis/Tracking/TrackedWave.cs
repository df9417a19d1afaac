using System.Buffers;

namespace Floodgate.Redis.Tracking;

/// <summary>What is asked of Redis at once, for all who came before it was sent.</summary>
/// <param name="kinds">How many kinds of keys there are.</param>
internal sealed class TrackedWave(int kinds)
{
    // Who waits goes on side by side, not one after the other on the thread that receives.
    private readonly TaskCompletionSource<bool> _answered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WantedKeys?[] _wanted = new WantedKeys?[kinds];

    /// <summary>The place of the answer in what was received: copies of then are as Redis had them after all who wait had come.</summary>
    public long Place { get; private set; }

    /// <summary>Ends when Redis has answered, or will not: false.</summary>
    public Task<bool> Answered => _answered.Task;

    /// <summary>How many values are to be read.</summary>
    public int Wanted { get; set; }

    /// <summary>The keys of a kind that are to be read.</summary>
    public ref WantedKeys? this[int kind] => ref _wanted[kind];

    /// <summary>Writes the commands.</summary>
    /// <param name="output">Where to.</param>
    /// <returns>What takes the answers, in their order.</returns>
    public Queue<Action<RespFrame>> Write(IBufferWriter<byte> output)
    {
        var answers = new Queue<Action<RespFrame>>();
        foreach (var wanted in _wanted)
        {
            wanted?.Write(output, answers);
        }

        if (answers.Count == 0)
        {
            // For its place among what is received.
            RespCommand.Write(output, "PING");
            answers.Enqueue(static _ => { });
        }

        return answers;
    }

    /// <summary>Redis has answered.</summary>
    public void Complete(long place)
    {
        Place = place;
        _answered.TrySetResult(true);
    }

    /// <summary>Redis will not answer.</summary>
    public void Fail() => _answered.TrySetResult(false);
}

/// <summary>Keys of one kind that are to be read.</summary>
internal abstract class WantedKeys
{
    /// <summary>Writes the commands that read them.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="answers">Where what takes the answers goes.</param>
    public abstract void Write(IBufferWriter<byte> output, Queue<Action<RespFrame>> answers);
}

/// <summary>Keys of one kind that are to be read, and what Redis said of them.</summary>
/// <param name="codec">How they are read.</param>
/// <param name="keep">Keeps what Redis says.</param>
internal sealed class WantedKeys<TKey, TValue>(TrackedCodec<TKey, TValue> codec, Func<TKey, TValue?, TrackedCopy<TValue>> keep) : WantedKeys
    where TKey : notnull
    where TValue : class
{
    private readonly HashSet<TKey> _keys = [];
    private readonly Dictionary<TKey, TrackedCopy<TValue>> _read = [];

    /// <summary>Adds a key.</summary>
    /// <returns>Whether it is new.</returns>
    public bool Add(TKey key) => _keys.Add(key);

    /// <summary>What Redis said of a key, if it was asked for that; to be looked at once the answer is there.</summary>
    public bool TryFind(TKey key, out TValue? value)
    {
        var isRead = _read.TryGetValue(key, out var copy) && codec.Says(copy.Value, key);
        value = isRead ? copy!.Value : null;
        return isRead;
    }

    /// <inheritdoc/>
    public override void Write(IBufferWriter<byte> output, Queue<Action<RespFrame>> answers)
    {
        foreach (var keys in _keys.Chunk(codec.MostAtOnce))
        {
            codec.Write(keys, output);
            answers.Enqueue(answer => Take(keys, answer));
        }
    }

    private void Take(TKey[] keys, RespFrame answer)
    {
        var values = new TValue?[keys.Length];
        if (!TryRead(keys, answer, values))
        {
            return;
        }

        for (var i = 0; i < keys.Length; i++)
        {
            _read[keys[i]] = keep(keys[i], values[i]);
        }
    }

    // What Redis refuses to read, or nobody here understands, is for those to see who asked for it: they read it in another way.
    private bool TryRead(TKey[] keys, RespFrame answer, TValue?[] values)
    {
        try
        {
            if (!answer.IsError)
            {
                codec.Read(keys, answer, values);
            }

            return !answer.IsError;
        }
        catch (Exception exception) when (exception is InvalidCastException or FormatException or OverflowException)
        {
            return false;
        }
    }
}
