using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Data;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting;

/// <summary>Adds parameters to an application. Their values come from the configuration key <c>Parameters:{name}</c>.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>Adds a parameter that has to be given.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="secret">Whether it must not be shown.</param>
    /// <returns>The parameter.</returns>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(new ParameterResource(name, fallback => Read(builder, name, fallback), secret));
    }

    /// <summary>Adds a parameter with a value.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="value">The value; the configuration does not change it.</param>
    /// <param name="publishValueAsDefault">Kept for the interface.</param>
    /// <param name="secret">Whether it must not be shown.</param>
    /// <returns>The parameter.</returns>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string value, bool publishValueAsDefault = false, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(new ParameterResource(name, _ => value, secret));
    }

    /// <summary>Adds a parameter whose value is computed.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="valueGetter">Computes the value, once.</param>
    /// <param name="publishValueAsDefault">Kept for the interface.</param>
    /// <param name="secret">Whether it must not be shown.</param>
    /// <returns>The parameter.</returns>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, string name, Func<string> valueGetter, bool publishValueAsDefault = false, bool secret = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(new ParameterResource(name, _ => valueGetter(), secret));
    }

    /// <summary>Adds a parameter that need not be given.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="value">What it is otherwise.</param>
    /// <param name="secret">Whether it must not be shown.</param>
    /// <param name="persist">Whether a generated value is kept between runs.</param>
    /// <returns>The parameter.</returns>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, ParameterDefault value, bool secret = false, bool persist = false)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddResource(CreateWithDefault(builder, name, value, secret, persist));
    }

    /// <summary>Adds a connection string that is given from outside, by the configuration key <c>ConnectionStrings:{name}</c>.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The connection string's name.</param>
    /// <param name="environmentVariableName">The environment variable that takes it; null for <c>ConnectionStrings__{name}</c>.</param>
    /// <returns>The resource.</returns>
    public static IResourceBuilder<IResourceWithConnectionString> AddConnectionString(
        this IDistributedApplicationBuilder builder, [ResourceName] string name, string? environmentVariableName = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var parameter = new ParameterResource(
            $"{name}-value",
            _ => builder.Configuration.GetConnectionString(name) ?? throw Missing($"connection string '{name}'", $"ConnectionStrings:{name}"),
            secret: true);
        return builder.AddResource(new ConnectionStringResource(name, ReferenceExpression.Create($"{parameter}"), environmentVariableName));
    }

    /// <summary>Makes a password that is kept with the data it protects.</summary>
    /// <param name="builder">The application.</param>
    /// <param name="name">The parameter's name.</param>
    /// <param name="lower">Whether it may hold lower-case letters.</param>
    /// <param name="upper">Whether it may hold upper-case letters.</param>
    /// <param name="numeric">Whether it may hold digits.</param>
    /// <param name="special">Whether it may hold special characters.</param>
    /// <param name="minLower">How many lower-case letters at least.</param>
    /// <param name="minUpper">How many upper-case letters at least.</param>
    /// <param name="minNumeric">How many digits at least.</param>
    /// <param name="minSpecial">How many special characters at least.</param>
    /// <returns>The parameter; it is not added to the application.</returns>
    public static ParameterResource CreateDefaultPasswordParameter(
        IDistributedApplicationBuilder builder,
        string name,
        bool lower = true,
        bool upper = true,
        bool numeric = true,
        bool special = true,
        int minLower = 0,
        int minUpper = 0,
        int minNumeric = 0,
        int minSpecial = 0)
    {
        ArgumentNullException.ThrowIfNull(builder);
        var generate = new GenerateParameterDefault
        {
            Lower = lower,
            Upper = upper,
            Numeric = numeric,
            Special = special,
            MinLower = minLower,
            MinUpper = minUpper,
            MinNumeric = minNumeric,
            MinSpecial = minSpecial,
        };
        return CreateWithDefault(builder, name, generate, secret: true, persist: true);
    }

    private static ParameterResource CreateWithDefault(
        IDistributedApplicationBuilder builder, string name, ParameterDefault value, bool secret, bool persist)
    {
        var kept = persist ? new KeptParameterDefault(LocalRun.Of(builder), name, value) : value;
        return new ParameterResource(name, fallback => Read(builder, name, fallback), secret) { Default = kept };
    }

    private static string Read(IDistributedApplicationBuilder builder, string name, ParameterDefault? fallback)
    {
        var key = $"Parameters:{name}";
        return builder.Configuration[key]
            ?? builder.Configuration[key.Replace('-', '_')]
            ?? fallback?.GetDefaultValue()
            ?? throw Missing($"parameter '{name}'", key);
    }

    private static MissingParameterValueException Missing(string what, string key) =>
        new($"The value of {what} is missing. Set the configuration key '{key}', for example with --{key}=… or the environment variable {key.Replace(":", "__", StringComparison.Ordinal)}.");
}
