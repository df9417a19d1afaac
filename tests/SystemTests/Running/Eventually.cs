namespace Floodgate.SystemTests.Running;

/// <summary>Waits for a condition that another process brings about.</summary>
public static class Eventually
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Asks until the condition holds; fails with the last value seen when it does not within the limit.</summary>
    public static async Task<T> HoldsAsync<T>(Func<Task<T>> ask, Func<T, bool> condition, TimeSpan limit, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Interval);
        var began = TimeProvider.System.GetTimestamp();
        while (true)
        {
            var value = await ask();
            if (condition(value))
            {
                return value;
            }

            Assert.True(TimeProvider.System.GetElapsedTime(began) < limit, $"Not within {limit}; last seen: {value}");
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }
}
