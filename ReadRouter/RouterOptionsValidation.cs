using Microsoft.Extensions.Options;
using SessionOptions = Floodgate.Sessions.SessionOptions;

namespace Floodgate.ReadRouter;

/// <summary>Refuses settings that contradict each other. It says all that is wrong at once.</summary>
internal sealed class RouterOptionsValidation(IOptions<SessionOptions> sessions) : IValidateOptions<RouterOptions>
{
    public ValidateOptionsResult Validate(string? name, RouterOptions options)
    {
        var errors = new List<string>();
        var lifetime = sessions.Value.Lifetime;
        if (lifetime <= options.LagLimit + options.PollInterval)
        {
            errors.Add(
                $"{SessionOptions.Section}:{nameof(SessionOptions.Lifetime)} ({lifetime}) must be longer than "
                + $"{RouterOptions.Section}:{nameof(RouterOptions.LagLimit)} plus {nameof(RouterOptions.PollInterval)} "
                + $"({options.LagLimit + options.PollInterval}): a replica that is allowed to serve could lack a write whose token has expired.");
        }

        if (options.WaitBudget >= options.ReadTimeout)
        {
            errors.Add(
                $"{RouterOptions.Section}:{nameof(RouterOptions.WaitBudget)} ({options.WaitBudget}) must be shorter than "
                + $"{RouterOptions.Section}:{nameof(RouterOptions.ReadTimeout)} ({options.ReadTimeout}): a read would end while it waits.");
        }

        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
    }
}
