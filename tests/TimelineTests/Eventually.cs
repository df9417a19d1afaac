namespace Floodgate.TimelineTests;

/// <summary>Waits for conditions.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <param name="condition">What is waited for.</param>
    /// <param name="pause">How long between two looks.</param>
    /// <param name="otherwise">Says what there is instead when the time is over.</param>
    public static async Task BecomesAsync(Func<Task<bool>> condition, TimeSpan? pause = null, Func<Task<string>>? otherwise = null)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(Patience);
        while (!await condition())
        {
            if (limit.IsCancellationRequested)
            {
                Assert.Fail($"The condition did not become true within {Patience}. {(otherwise is null ? "" : await otherwise())}");
            }

            await Task.Delay(pause ?? Pause, TestContext.Current.CancellationToken);
        }
    }
}
