using Floodgate.Leases.InProcess;
using Floodgate.Sessions;

namespace Floodgate.Leases.Loading;

/// <summary>A value among several that are read together.</summary>
/// <param name="Found">The value.</param>
/// <param name="Obtained">When its content was there already: it shows nothing that was announced later (<see cref="LookNumbers"/>).</param>
/// <param name="Validated">When it was yet to be looked whether it is current: it holds all that was announced before.</param>
internal readonly record struct Looked<TValue>(Found<TValue> Found, long Obtained, long Validated)
    where TValue : class;

/// <summary>What makes values fit together: none lacks a write that another one shows, or what was written before that.</summary>
internal static class Looked
{
    /// <summary>Whether values surely fit together: all are current, and all were so after the youngest of them was there.</summary>
    public static bool FitTogether<TValue>(Looked<TValue>[] looked)
        where TValue : class
    {
        var (obtained, validated) = (long.MinValue, long.MaxValue);
        foreach (var one in looked)
        {
            if (one.Found.StaleFrom != WalPosition.None)
            {
                return false;
            }

            (obtained, validated) = (Math.Max(obtained, one.Obtained), Math.Min(validated, one.Validated));
        }

        return obtained <= validated;
    }

    /// <summary>Those that may lack something that another one shows.</summary>
    /// <param name="looked">The values.</param>
    /// <param name="read">What the caller has seen, all these values included.</param>
    /// <param name="history">The line of timelines.</param>
    public static List<int> Behind<TValue>(Looked<TValue>[] looked, CacheRead read, TimelineHistory history)
        where TValue : class
    {
        var behind = new List<int>();
        for (var i = 0; i < looked.Length; i++)
        {
            var one = looked[i];
            if ((one.Found.StaleFrom != WalPosition.None && !Acceptance.TakesStale(read, one.Found.StaleFrom, history)) || IsOvertaken(one))
            {
                behind.Add(i);
            }
        }

        return behind;

        // By something that came later, is not of the same snapshot, and shows more than it is certain to hold. While Redis is away that is borne.
        bool IsOvertaken(Looked<TValue> one) =>
            one.Found.Source != CacheSource.WithoutRedis
            && Array.Exists(looked, other => other.Obtained > one.Validated
                && (other.Found.Shown != one.Found.Shown || other.Found.Holds != one.Found.Holds)
                && !Acceptance.TakesShared(new CacheRead(other.Found.Shown), one.Found, history));
    }
}
