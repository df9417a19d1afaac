namespace Floodgate.Redis.Tracking;

/// <summary>Keys that were asked for.</summary>
/// <typeparam name="TKey">What a key is.</typeparam>
/// <typeparam name="TValue">What a value is.</typeparam>
public sealed class TrackedRead<TKey, TValue>
    where TKey : notnull
    where TValue : class
{
    private readonly TrackedSession<TKey, TValue> _session;
    private readonly IReadOnlyList<TKey> _keys;
    private readonly TrackedCopy<TValue>?[] _copies;
    private readonly TrackedWave<TKey, TValue> _wave;

    internal TrackedRead(TrackedSession<TKey, TValue> session, IReadOnlyList<TKey> keys, TrackedCopy<TValue>?[] copies, TrackedWave<TKey, TValue> wave) =>
        (_session, _keys, _copies, _wave) = (session, keys, copies, wave);

    /// <summary>Waits for the values, each as Redis had it at some moment after the question.</summary>
    /// <returns>The values in the order of the keys, null where Redis has none; null: nobody knows, as the connection was lost.</returns>
    public async Task<TValue?[]?> ValuesAsync()
    {
        if (!await _wave.Answered)
        {
            return null;
        }

        var values = new TValue?[_keys.Count];
        List<int>? changed = null;
        for (var i = 0; i < values.Length; i++)
        {
            if (_copies[i] is { } copy && copy.IsAsOf(_wave.Place))
            {
                values[i] = copy.Value;
            }
            else if (_wave.Read.TryGetValue(_keys[i], out var read))
            {
                values[i] = read.Value;
            }
            else
            {
                (changed ??= []).Add(i);
            }
        }

        return changed is null || await ReadAgainAsync(changed, values) ? values : null;
    }

    // What was changed between the question and its answer.
    private async Task<bool> ReadAgainAsync(List<int> changed, TValue?[] values)
    {
        if (_session.Read([.. changed.Select(i => _keys[i])]) is not { } wave || !await wave.Answered)
        {
            return false;
        }

        foreach (var i in changed)
        {
            values[i] = wave.Read[_keys[i]].Value;
        }

        return true;
    }
}
