namespace Floodgate.Leases.Store;

/// <summary>
/// What this process knows of the log of changes in Redis: up to which number, and of the last ones which entries they were of. By it a version that
/// was current once is known to be so still, without asking for it: nothing was logged for its entry since. Safe for concurrent use.
/// </summary>
/// <remarks>
/// The idea is that of broadcast invalidation (https://redis.io/docs/latest/develop/reference/client-side-caching/), pulled and numbered: a reader
/// who asks for the changes after it began misses none that was made before, and one who missed some knows that.
/// </remarks>
internal sealed class ChangeLog
{
    /// <summary>How many changes are told at most; who is further behind knows of none.</summary>
    public const int MostTold = 1000;

    // Two halves: the older is forgotten when the younger is full.
    private const int MostKept = 10_000;

    private readonly Lock _lock = new();
    private Dictionary<string, long> _young = new(StringComparer.Ordinal);
    private Dictionary<string, long> _old = new(StringComparer.Ordinal);
    private long _youngSince;
    private long _oldSince;
    private long _last;
    private bool _isKnown;
    private int _era = 1;

    /// <summary>How often what was known was forgotten, and the number of the last change that is known; null where none is.</summary>
    public (int Era, long? Last) State
    {
        get
        {
            lock (_lock)
            {
                return (_era, _isKnown ? _last : null);
            }
        }
    }

    /// <summary>Forgets everything: another server may answer from now on.</summary>
    public void Forget()
    {
        lock (_lock)
        {
            _era++;
            _isKnown = false;
            _young.Clear();
            _old.Clear();
        }
    }

    /// <summary>Takes what Redis told of the log.</summary>
    /// <param name="era">The era in which it was asked.</param>
    /// <param name="since">The number that was known then.</param>
    /// <param name="last">The number of the last change.</param>
    /// <param name="keys">The entries that changed since, newest first; null where not all are told.</param>
    public void Take(int era, long? since, long last, IReadOnlyList<string>? keys)
    {
        lock (_lock)
        {
            if (era != _era || (_isKnown && last == _last))
            {
                return;
            }

            if (keys is null || !_isKnown || since != _last)
            {
                if (_isKnown && last < _last)
                {
                    // Numbers may come again, for other changes.
                    _era++;
                }

                (_last, _youngSince, _oldSince, _isKnown) = (last, last, last, true);
                _young.Clear();
                _old.Clear();
                return;
            }

            _last = last;
            for (var i = keys.Count - 1; i >= 0; i--)
            {
                _young[keys[i]] = last - i;
            }

            if (_young.Count > MostKept / 2)
            {
                (_old, _oldSince) = (_young, _youngSince);
                (_young, _youngSince) = (new(StringComparer.Ordinal), last);
            }
        }
    }

    /// <summary>Notes that a version was current when the log had a number.</summary>
    /// <param name="era">The era in which that was asked.</param>
    /// <param name="last">The number; null where none was known: then nothing is noted.</param>
    /// <param name="version">The version.</param>
    public void Confirm(int era, long? last, EntryVersion version)
    {
        lock (_lock)
        {
            if (era == _era && last is { } known)
            {
                (version.Era, version.CurrentAt) = (era, known);
            }
        }
    }

    /// <summary>Says of versions whether they are known to be current as of the last change that is known.</summary>
    /// <param name="versions">The versions.</param>
    /// <param name="current">Set where it is.</param>
    /// <returns>How many are not.</returns>
    public int Find(IReadOnlyList<EntryVersion> versions, bool[] current)
    {
        lock (_lock)
        {
            var unknown = 0;
            for (var i = 0; i < current.Length; i++)
            {
                current[i] = IsCurrent(versions[i]);
                unknown += current[i] ? 0 : 1;
            }

            return unknown;
        }
    }

    /// <summary>Whether versions are all known to be current as of the last change that is known.</summary>
    public bool AreUnchanged(ReadOnlySpan<EntryVersion> versions)
    {
        lock (_lock)
        {
            foreach (var version in versions)
            {
                if (!IsCurrent(version))
                {
                    return false;
                }
            }

            return true;
        }
    }

    // What is so is noted, so that less of what changed need be remembered for it.
    private bool IsCurrent(EntryVersion version)
    {
        if (version.Era != _era || !_isKnown || !IsUnchanged(version.Key, version.CurrentAt))
        {
            return false;
        }

        version.CurrentAt = Math.Max(version.CurrentAt, _last);
        return true;
    }

    private bool IsUnchanged(string key, long since) =>
        since >= _last
        || (since >= _oldSince && !(_young.TryGetValue(key, out var at) && at > since) && !(since < _youngSince && _old.TryGetValue(key, out at) && at > since));
}
