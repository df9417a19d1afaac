using Floodgate.Messaging.Counters;
using Floodgate.SimulationTests.Running;

namespace Floodgate.SimulationTests.Checking;

/// <summary>Conservation: what the tables hold at the end is what the clients were promised.</summary>
internal static class FlushedCheck
{
    public static string? Run(Simulation world) => Additions(world) ?? Pairs(world) ?? Totals(world) ?? Partitions(world);

    /// <summary>A counter's value in the tables.</summary>
    public static long ValueOf(Simulation world, CounterId counter) =>
        world.Database.Tables.Slots.Where(of => of.Key.Counter == counter).Sum(of => of.Value.Value);

    private static string? Additions(Simulation world)
    {
        foreach (var operation in world.History.Additions)
        {
            var times = operation.TimesIn(ValueOf(world, operation.Counter));
            var isParked = world.Database.Tables.Parked.Any(of => of.Envelope is { } envelope
                && envelope.Deltas.Any(delta => delta.Counter == operation.Counter && operation.IsIn(delta.Amount)));
            var isRight = operation.Outcome switch
            {
                Outcome.Acknowledged => times == 1 || (times == 0 && isParked),
                Outcome.Unknown => times <= 1,
                _ => times == 0,
            };
            if (!isRight)
            {
                return $"The addition of digit {operation.Digit} to {operation.Counter} was {operation.Outcome} and counts {times} times.";
            }
        }

        return null;
    }

    private static string? Pairs(Simulation world)
    {
        foreach (var pair in world.History.Likes.GroupBy(of => (of.User, of.Post)))
        {
            if (world.Database.Tables.Parked.Any(of => of.Envelope is { } envelope && envelope.Reactions.Any(it => (it.User, it.Post) == pair.Key)))
            {
                continue;
            }

            // A state may be the last one if no acknowledged operation began after it had ended.
            var taken = pair.Where(of => of.Outcome != Outcome.Refused).ToArray();
            var possible = taken
                .Where(of => !Array.Exists(taken, later => later.Outcome == Outcome.Acknowledged && later.Started > of.Ended))
                .Select(of => of.Liked).ToHashSet();
            if (!Array.Exists(taken, of => of.Outcome == Outcome.Acknowledged))
            {
                possible.Add(false);
            }

            var (liked, version) = world.Database.Tables.ReadReaction(pair.Key.User, pair.Key.Post);
            if (!possible.Contains(liked))
            {
                return $"Pair {pair.Key} is {(liked ? "liked" : "not liked")} at version {version}. Its operations: " + string.Join("; ", pair.Select(of =>
                    FormattableString.Invariant($"{(of.Liked ? "like" : "unlike")} {of.Started.TotalMilliseconds:F3}–{of.Ended.TotalMilliseconds:F3} {of.Outcome}")));
            }
        }

        return null;
    }

    private static string? Totals(Simulation world)
    {
        for (var post = 1; post <= Clients.Posts; post++)
        {
            for (var partition = 0; partition < world.Profile.Partitions; partition++)
            {
                var count = world.Database.Tables.Reactions.Values.Count(of =>
                    of.Liked && of.Post == post && CounterPartition.Of(of.User, of.Post, world.Profile.Partitions) == partition);
                var slot = world.Database.Tables.Slots.GetValueOrDefault((CounterId.Likes(post), partition)).Value;
                if (slot != count)
                {
                    return $"Post {post} has {count} likes in partition {partition}, and its slot says {slot}.";
                }
            }
        }

        return null;
    }

    private static string? Partitions(Simulation world)
    {
        foreach (var row in world.Database.Tables.Partitions.Values)
        {
            var sum = world.Database.Tables.Slots.Where(of => of.Key.Partition == row.Partition).Sum(of => of.Value.Value);
            if (sum != row.Amount)
            {
                return $"The slots of partition {row.Partition} are {sum} together, and what was added is {row.Amount}.";
            }
        }

        return null;
    }
}
