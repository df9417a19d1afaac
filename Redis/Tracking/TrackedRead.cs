namespace Floodgate.Redis.Tracking;

/// <summary>Keys that were asked for.</summary>
/// <param name="part">What was asked.</param>
/// <param name="keys">The keys.</param>
/// <param name="copies">The copies there were when they were asked for; null where there was none.</param>
/// <param name="wave">The question.</param>
internal sealed class TrackedRead<TKey, TValue>(TrackedPart<TKey, TValue> part, IReadOnlyList<TKey> keys, TrackedCopy<TValue>?[] copies, TrackedWave wave)
    where TKey : notnull
    where TValue : class
{
    /// <summary>The run of Redis (https://redis.io/docs/latest/commands/info/, <c>run_id</c>) that is asked.</summary>
    public string Run => part.Run;

    /// <summary>Waits for the values, each as Redis had it at some moment after the question.</summary>
    /// <returns>What Redis says of the keys, in their order, null where that is nothing; null: nobody knows in time.</returns>
    public async Task<TValue?[]?> ValuesAsync()
    {
        if (!await wave.Answered)
        {
            return null;
        }

        var values = new TValue?[keys.Count];
        List<int>? changed = null;
        for (var i = 0; i < values.Length; i++)
        {
            if (copies[i] is { } copy && copy.IsAsOf(wave.Place))
            {
                values[i] = copy.Value;
            }
            else if (!part.TryFind(wave, keys[i], out values[i]))
            {
                (changed ??= []).Add(i);
            }
        }

        return changed is null || await ReadAgainAsync(changed, values) ? values : null;
    }

    // What was changed between the question and its answer.
    private async Task<bool> ReadAgainAsync(List<int> changed, TValue?[] values)
    {
        if (part.Read([.. changed.Select(i => keys[i])]) is not { } again || !await again.Answered)
        {
            return false;
        }

        foreach (var i in changed)
        {
            if (!part.TryFind(again, keys[i], out values[i]))
            {
                // Somebody wanted something else of the same key at the same time.
                return false;
            }
        }

        return true;
    }
}
