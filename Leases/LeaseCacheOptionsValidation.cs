using System.ComponentModel.DataAnnotations;
using Microsoft.Extensions.Options;

namespace Floodgate.Leases;

/// <summary>Finds all that is wrong with the settings of a cache at once.</summary>
internal sealed class LeaseCacheOptionsValidation : IValidateOptions<LeaseCacheOptions>
{
    public ValidateOptionsResult Validate(string? name, LeaseCacheOptions options)
    {
        var of = string.IsNullOrEmpty(name) ? "" : $" (entity {name})";
        var faults = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), faults, validateAllProperties: true);
        var all = faults.ConvertAll(fault => $"{LeaseCacheOptions.Section}{of}: {fault.ErrorMessage}");

        Demand(options.SoftExpiry < options.HardExpiry, "SoftExpiry must be shorter than HardExpiry: a value would be gone before it is refreshed.");
        Demand(options.NegativeExpiry <= options.HardExpiry, "NegativeExpiry must not be longer than HardExpiry.");
        Demand(options.FillTimeout <= options.WaitTimeout, "FillTimeout must not be longer than WaitTimeout: who waits would give up before the fill does.");
        Demand(options.RedisTimeout <= options.AnnounceTimeout, "RedisTimeout must not be longer than AnnounceTimeout: a write would not wait for one answer.");
        Demand(options.HoldFor < options.FloorLifetime, "HoldFor must be shorter than FloorLifetime: a floor would be gone while an older value is still served.");
        return all.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(all);

        void Demand(bool holds, string fault)
        {
            if (!holds)
            {
                all.Add($"{LeaseCacheOptions.Section}{of}: {fault}");
            }
        }
    }
}
