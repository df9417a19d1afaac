using Microsoft.Extensions.Options;

namespace Floodgate.TimelineService.Oracle;

/// <summary>
/// Who has read a page of the own home timeline here lately. A table of fixed size in which each user has one place by hash: who reads often takes no
/// more of it than who reads once, and whoever comes later displaces whoever had the place. Safe for concurrent use, without locks: a race
/// between two users of one place can give one of them the other's time, which is as recent.
/// </summary>
internal sealed class RecentReaders(IOptions<OracleOptions> options, TimeProvider time)
{
    /// <summary>How many users are remembered at most.</summary>
    public const int Places = 4096;

    private readonly long[] _users = new long[Places];
    private readonly long[] _seen = new long[Places];

    /// <summary>Takes note of a reader.</summary>
    public void Note(long user)
    {
        // Fibonacci hashing: users with ids in a row spread over the table.
        var place = (int)(((ulong)user * 11400714819323198485UL) >> 52);
        Volatile.Write(ref _seen[place], time.GetTimestamp());
        Volatile.Write(ref _users[place], user);
    }

    /// <summary>Picks one of those who have read within <see cref="OracleOptions.ActiveFor"/>, each with the same chance.</summary>
    /// <returns>The user, or null where nobody has.</returns>
    public long? Pick(Random random)
    {
        long? picked = null;
        var active = 0;
        for (var place = 0; place < Places; place++)
        {
            var user = Volatile.Read(ref _users[place]);
            if (user != 0 && time.GetElapsedTime(Volatile.Read(ref _seen[place])) <= options.Value.ActiveFor && random.Next(++active) == 0)
            {
                picked = user;
            }
        }

        return picked;
    }
}
