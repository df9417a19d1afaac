using Floodgate.Sessions;

namespace Floodgate.TimelineTests.Histories;

/// <summary>What the users of a history know: what they were answered, and what they have begun. Safe for concurrent use.</summary>
internal sealed class HistoryModel
{
    private readonly Lock _lock = new();
    private readonly HistoryFollow[,] _follows;
    private readonly WalPosition[] _sessions;
    private readonly SortedDictionary<int, HistoryPost> _posts = [];
    private long _now;

    /// <summary>What a history begins with.</summary>
    /// <param name="plan">The history.</param>
    /// <param name="users">The ids of its users.</param>
    public HistoryModel(HistoryPlan plan, IReadOnlyList<long> users)
    {
        Plan = plan;
        Users = users;
        _sessions = new WalPosition[plan.Users];
        _follows = new HistoryFollow[plan.Users, plan.Users];
        for (var i = 0; i < plan.Users * plan.Users; i++)
        {
            _follows[i / plan.Users, i % plan.Users] = new HistoryFollow();
        }

        foreach (var (follower, followee) in plan.Follows)
        {
            _follows[follower, followee].Follows = true;
        }
    }

    public HistoryPlan Plan { get; }

    public IReadOnlyList<long> Users { get; }

    /// <summary>What a user's session has seen.</summary>
    public WalPosition Session(int user)
    {
        lock (_lock)
        {
            return _sessions[user];
        }
    }

    /// <summary>A user was given an answer.</summary>
    public void Seen(int user, WalPosition position)
    {
        lock (_lock)
        {
            _sessions[user] = WalPosition.Max(_sessions[user], position);
        }
    }

    /// <summary>Everybody has seen what there was.</summary>
    public void AllSeen(WalPosition position)
    {
        for (var user = 0; user < Users.Count; user++)
        {
            Seen(user, position);
        }
    }

    public HistoryPost BeginPost(int number, int author)
    {
        lock (_lock)
        {
            return _posts[number] = new HistoryPost(number, author);
        }
    }

    public void EndPost(HistoryPost post, long id, WalPosition position)
    {
        lock (_lock)
        {
            post.Written(id, position, ++_now);
        }
    }

    /// <summary>Changes what is known of a post, where it is known.</summary>
    public T With<T>(int number, Func<HistoryPost, T> change, T otherwise)
    {
        lock (_lock)
        {
            return _posts.TryGetValue(number, out var post) && post.Id != 0 ? change(post) : otherwise;
        }
    }

    /// <summary>Begins a change of a follow.</summary>
    /// <returns>What ends it.</returns>
    public Action BeginFollow(int follower, int followee, bool follows)
    {
        lock (_lock)
        {
            var pair = _follows[follower, followee];
            var alone = pair.IsAtRest;
            pair.Begin();
            var (change, began) = (pair.Changes, ++_now);
            return () =>
            {
                lock (_lock)
                {
                    pair.End(change, alone, follows, began);
                }
            };
        }
    }

    /// <summary>The posts that were acknowledged by now.</summary>
    public List<HistoryPost> Known()
    {
        lock (_lock)
        {
            return [.. _posts.Values.Where(post => post.Id != 0)];
        }
    }

    /// <summary>Posts are in all timelines now that they belong into.</summary>
    public void Drained(IEnumerable<HistoryPost> posts, WalPosition position)
    {
        lock (_lock)
        {
            foreach (var post in posts)
            {
                post.DrainedAt ??= position;
            }
        }
    }

    /// <summary>What a user must see from now on.</summary>
    public Expectation Expect(int reader)
    {
        lock (_lock)
        {
            return new Expectation(reader, _sessions[reader], [.. _posts.Values], author => _follows[reader, author]);
        }
    }

    /// <summary>Says what is wrong with what a user was shown; null: nothing.</summary>
    public string? Judge(Expectation expectation, IReadOnlyList<ShownPost> shown, bool isAll)
    {
        lock (_lock)
        {
            return expectation.Judge(Plan.Seed, Users, _posts, shown, isAll);
        }
    }
}
