using Floodgate.ReadRouter;
using Microsoft.Extensions.Options;
using SessionOptions = Floodgate.Sessions.SessionOptions;

namespace Floodgate.UnitTests.ReadRouter;

public sealed class RouterOptionsTests
{
    [Fact]
    public void A_lag_limit_beyond_the_life_of_tokens_is_refused_and_both_settings_are_named()
    {
        var validation = new RouterOptionsValidation(Options.Create(new SessionOptions { Lifetime = TimeSpan.FromMinutes(1) }));

        var result = validation.Validate(null, new RouterOptions
        {
            LagLimit = TimeSpan.FromMinutes(1),
            ReadTimeout = TimeSpan.FromSeconds(1),
            WaitBudget = TimeSpan.FromSeconds(1),
        });

        Assert.True(result.Failed);
        Assert.Equal(2, result.Failures.Count());
        Assert.Contains("Floodgate:Sessions:Lifetime", result.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("Floodgate:Router:LagLimit", result.FailureMessage, StringComparison.Ordinal);
        Assert.Contains("Floodgate:Router:WaitBudget", result.FailureMessage, StringComparison.Ordinal);
    }

    [Fact]
    public void The_defaults_agree_with_each_other()
    {
        var validation = new RouterOptionsValidation(Options.Create(new SessionOptions()));

        Assert.True(validation.Validate(null, new RouterOptions()).Succeeded);
    }
}
