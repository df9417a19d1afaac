namespace Floodgate.Bench.Replay;

/// <summary>
/// Which actions of a plan may run: those that have been released, whose user has finished its action before, and (a
/// like) whose post is there. Safe for concurrent use.
/// </summary>
internal sealed class Dependencies
{
    private readonly int[] _waitsFor;
    private readonly int[] _nextOfUser;
    private readonly int[] _firstLike;
    private readonly int[] _nextLike;

    /// <summary>Reads the plan.</summary>
    public Dependencies(IReadOnlyList<ReplayAction> actions)
    {
        var count = actions.Count;
        _waitsFor = new int[count];
        _nextOfUser = Filled(count);
        _firstLike = Filled(count);
        _nextLike = Filled(count);
        var lastOfUser = new Dictionary<int, int>();
        for (var i = 0; i < count; i++)
        {
            var action = actions[i];
            _waitsFor[i] = 1; // its release
            if (lastOfUser.TryGetValue(action.User, out var before))
            {
                _nextOfUser[before] = i;
                _waitsFor[i]++;
            }

            lastOfUser[action.User] = i;
            if (action.Target >= 0)
            {
                _nextLike[i] = _firstLike[action.Target];
                _firstLike[action.Target] = i;
                _waitsFor[i]++;
            }
        }
    }

    /// <summary>The time of an action has come.</summary>
    /// <returns>Whether it may run at once.</returns>
    public bool Release(int action) => Interlocked.Decrement(ref _waitsFor[action]) == 0;

    /// <summary>An action has ended, well or not.</summary>
    /// <param name="action">Which.</param>
    /// <param name="run">Is called for each action that may run now.</param>
    public void Finish(int action, Action<int> run)
    {
        if (_nextOfUser[action] is >= 0 and var next && Release(next)) run(next);
        for (var like = _firstLike[action]; like >= 0; like = _nextLike[like])
        {
            if (Release(like)) run(like);
        }
    }

    private static int[] Filled(int count)
    {
        var array = new int[count];
        Array.Fill(array, -1);
        return array;
    }
}
