namespace Floodgate.CounterTests.Running;

/// <summary>Waits for a condition.</summary>
internal static class Wait
{
    public static Task UntilAsync(Func<Task<bool>> condition, string what, int seconds = 30) => UntilAsync(condition, () => what, seconds);

    /// <param name="condition">The condition.</param>
    /// <param name="what">What is waited for, as it is told when the time is over.</param>
    /// <param name="seconds">How long.</param>
    public static async Task UntilAsync(Func<Task<bool>> condition, Func<string> what, int seconds = 30)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromSeconds(seconds));
        while (!await condition())
        {
            try
            {
                await Task.Delay(TimeSpan.FromMilliseconds(25), limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"Within {seconds} s it did not come to this: {what()}.");
            }
        }
    }
}
