namespace Floodgate.TimelineTests.Histories;

/// <summary>What happens in a history, drawn from its seed alone.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Users">How many users.</param>
/// <param name="Follows">Who follows whom at first.</param>
/// <param name="Before">The authors of the posts from before.</param>
/// <param name="Groups">The steps; those of a group at the same time.</param>
internal sealed record HistoryPlan(int Seed, int Users, List<(int Follower, int Followee)> Follows, List<int> Before, List<List<Step>> Groups)
{
    private static readonly (StepKind Kind, int Weight)[] Weights =
    [
        (StepKind.Post, 26), (StepKind.Read, 24), (StepKind.Follow, 10), (StepKind.Unfollow, 9), (StepKind.Redeliver, 8), (StepKind.Delete, 7), (StepKind.Edit, 6),
        (StepKind.GoAway, 4), (StepKind.Forget, 2), (StepKind.Drain, 4), (StepKind.Close, 3), (StepKind.CloseAll, 1), (StepKind.Backfill, 2), (StepKind.Shed, 1),
    ];

    private static readonly int AllWeights = Weights.Sum(one => one.Weight);

    /// <summary>Draws a history.</summary>
    public static HistoryPlan Draw(int seed)
    {
        var random = new Random(seed);
        var plan = new HistoryPlan(seed, random.Next(5, 9), [], [], []);
        var density = 0.2 + (0.6 * random.NextDouble());
        for (var follower = 0; follower < plan.Users; follower++)
        {
            for (var followee = 0; followee < plan.Users; followee++)
            {
                if (follower != followee && random.NextDouble() < density)
                {
                    plan.Follows.Add((follower, followee));
                }
            }
        }

        plan.DrawBefore(random);
        plan.DrawSteps(random);
        return plan;
    }

    // Most begin with little, some past what a timeline keeps, a few past what the cache holds of one author.
    private void DrawBefore(Random random)
    {
        var (count, one) = random.Next(10) switch
        {
            < 5 => (random.Next(4), false),
            < 9 => (random.Next(15, 45), false),
            _ => (random.Next(98, 125), true),
        };
        for (var i = 0; i < count; i++)
        {
            Before.Add(one ? 0 : random.Next(Users));
        }
    }

    private void DrawSteps(Random random)
    {
        var posts = Before.ConvertAll(author => (Author: author, Deleted: false));
        Groups.Add([.. Enumerable.Range(0, Users).Where(_ => random.Next(10) < 8).Select(user => Read(random, user))]);
        var most = random.Next(1, 6);
        for (var left = random.Next(30, 51); left > 0;)
        {
            var known = posts.Count;
            var group = new List<Step>();
            for (var together = random.Next(2) == 0 ? 1 : random.Next(1, most + 1); together > 0 && left > 0; together--, left--)
            {
                if (DrawStep(random, posts, known) is { } step && (step.Kind is not (StepKind.Edit or StepKind.Delete) || !group.Exists(other => Touches(other, step.Post))))
                {
                    group.Add(step);
                    if (step.Kind == StepKind.Delete)
                    {
                        posts[step.Post] = posts[step.Post] with { Deleted = true };
                    }
                }
            }

            Groups.Add(group);
        }
    }

    private static bool Touches(Step step, int post) => step.Kind is StepKind.Edit or StepKind.Delete && step.Post == post;

    private Step? DrawStep(Random random, List<(int Author, bool Deleted)> posts, int known)
    {
        var kind = DrawKind(random);

        // One user is likely to get famous.
        var other = random.Next(2) == 0 ? 0 : random.Next(Users);
        var user = kind is StepKind.Post or StepKind.Close && random.Next(3) == 0 ? 0 : random.Next(Users);
        var step = new Step(kind, user) { Chance = random.Next() };
        switch (kind)
        {
            case StepKind.Post:
                var count = random.Next(6) == 0 ? random.Next(2, 9) : 1;
                step = step with { Post = posts.Count, Count = count };
                posts.AddRange(Enumerable.Repeat((user, false), count));
                return step;
            case StepKind.Edit or StepKind.Delete or StepKind.Redeliver:
                var post = known == 0 ? 0 : random.Next(2) == 0 ? random.Next(known) : random.Next(Math.Max(0, known - 10), known);
                return known == 0 || (kind != StepKind.Redeliver && posts[post].Deleted) ? null : step with { User = posts[post].Author, Post = post };
            case StepKind.Follow or StepKind.Unfollow:
                return user == other ? null : step with { Other = other };
            case StepKind.Read:
                return Read(random, user);
            default:
                return step;
        }
    }

    private static Step Read(Random random, int user) =>
        new(StepKind.Read, user) { Chance = random.Next(), Count = random.Next(3) == 0 ? random.Next(1, 4) : random.Next(1, 31), Depth = random.Next(1, 5) };

    private static StepKind DrawKind(Random random)
    {
        var at = random.Next(AllWeights);
        foreach (var (kind, weight) in Weights)
        {
            at -= weight;
            if (at < 0)
            {
                return kind;
            }
        }

        return StepKind.Read;
    }
}
