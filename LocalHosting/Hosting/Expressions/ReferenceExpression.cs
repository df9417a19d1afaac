using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Text with values in it that are known when the application starts.</summary>
public class ReferenceExpression : IExpressionValue, IValueWithReferences
{
    /// <summary>No text.</summary>
    public static readonly ReferenceExpression Empty = new("", [], [], []);

    private readonly IValueProvider[] _providers;
    private readonly string[] _manifestExpressions;
    private readonly string?[] _stringFormats;

    internal ReferenceExpression(string format, IValueProvider[] providers, string[] manifestExpressions, string?[] stringFormats)
    {
        Format = format;
        _providers = providers;
        _manifestExpressions = manifestExpressions;
        _stringFormats = stringFormats;
    }

    /// <summary>The text, with <c>{0}</c>, <c>{1}</c>… where the values go.</summary>
    public string Format { get; }

    /// <summary>The values.</summary>
    public IReadOnlyList<IValueProvider> ValueProviders => _providers;

    /// <summary>The values' forms for a deployment manifest.</summary>
    public IReadOnlyList<string> ManifestExpressions => _manifestExpressions;

    /// <summary>How each value is written: null as it is, <c>uri</c> escaped for a URI.</summary>
    public IReadOnlyList<string?> StringFormats => _stringFormats;

    /// <inheritdoc/>
    public string ValueExpression => string.Format(CultureInfo.InvariantCulture, Format, [.. _manifestExpressions]);

    IEnumerable<object> IValueWithReferences.References => _providers;

    /// <summary>Makes an expression from an interpolated string.</summary>
    /// <param name="handler">The interpolated string.</param>
    /// <returns>The expression.</returns>
    public static ReferenceExpression Create(in ExpressionInterpolatedStringHandler handler) => handler.Parts.Build();

    /// <inheritdoc/>
#pragma warning disable MA0061 // Aspire's signature: code that compiles here compiles there.
    public async ValueTask<string?> GetValueAsync(CancellationToken cancellationToken)
#pragma warning restore MA0061
    {
        var values = new object?[_providers.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var value = await _providers[i].GetValueAsync(cancellationToken);
            values[i] = value is not null && string.Equals(_stringFormats[i], "uri", StringComparison.OrdinalIgnoreCase)
                ? Uri.EscapeDataString(value)
                : value;
        }

        return string.Format(CultureInfo.InvariantCulture, Format, values);
    }

    /// <summary>What the compiler makes of an interpolated string.</summary>
    [InterpolatedStringHandler]
    public ref struct ExpressionInterpolatedStringHandler
    {
        /// <summary>Begins the string.</summary>
        /// <param name="literalLength">How long the fixed parts are.</param>
        /// <param name="formattedCount">How many values there are.</param>
        public ExpressionInterpolatedStringHandler(int literalLength, int formattedCount) =>
            Parts = new ReferenceExpressionBuilder(literalLength, formattedCount);

        internal ReferenceExpressionBuilder Parts { get; }

        /// <summary>Adds a fixed part.</summary>
        /// <param name="value">The part.</param>
        public readonly void AppendLiteral(string value) => Parts.AppendLiteral(value);

        /// <summary>Adds a fixed part.</summary>
        /// <param name="value">The part.</param>
        public readonly void AppendFormatted(string? value) => Parts.AppendFormatted(value);

        /// <summary>Adds a fixed part.</summary>
        /// <param name="value">The part.</param>
        /// <param name="format">Null, or <c>uri</c>.</param>
        public readonly void AppendFormatted(string? value, string? format = null) => Parts.AppendFormatted(value, format);

        /// <summary>Adds a value.</summary>
        /// <typeparam name="T">Its type.</typeparam>
        /// <param name="valueProvider">The value.</param>
        public readonly void AppendFormatted<T>(T valueProvider)
            where T : IValueProvider, IManifestExpressionProvider => Parts.AppendFormatted(valueProvider, null);

        /// <summary>Adds a value.</summary>
        /// <typeparam name="T">Its type.</typeparam>
        /// <param name="valueProvider">The value.</param>
        /// <param name="format">Null, or <c>uri</c>.</param>
        public readonly void AppendFormatted<T>(T valueProvider, string? format = null)
            where T : IValueProvider, IManifestExpressionProvider => Parts.AppendFormatted(valueProvider, format);

        /// <summary>Adds a resource's value.</summary>
        /// <typeparam name="T">Its type.</typeparam>
        /// <param name="valueProvider">The resource.</param>
        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider)
            where T : IResource, IValueProvider, IManifestExpressionProvider => Parts.AppendFormatted(valueProvider.Resource, null);

        /// <summary>Adds a resource's value.</summary>
        /// <typeparam name="T">Its type.</typeparam>
        /// <param name="valueProvider">The resource.</param>
        /// <param name="format">Null, or <c>uri</c>.</param>
        public readonly void AppendFormatted<T>(IResourceBuilder<T> valueProvider, string? format = null)
            where T : IResource, IValueProvider, IManifestExpressionProvider => Parts.AppendFormatted(valueProvider.Resource, format);
    }
}

/// <summary>Puts an expression together piece by piece.</summary>
public class ReferenceExpressionBuilder
{
    private readonly StringBuilder _format;
    private readonly List<IValueProvider> _providers;
    private readonly List<string> _manifestExpressions;
    private readonly List<string?> _stringFormats;

    /// <summary>Begins an expression.</summary>
    public ReferenceExpressionBuilder()
        : this(0, 0)
    {
    }

    internal ReferenceExpressionBuilder(int literalLength, int formattedCount)
    {
        _format = new StringBuilder(literalLength + (formattedCount * 4));
        _providers = new(formattedCount);
        _manifestExpressions = new(formattedCount);
        _stringFormats = new(formattedCount);
    }

    /// <summary>Whether nothing was added yet.</summary>
    public bool IsEmpty => _format.Length == 0;

    /// <summary>Adds a fixed part.</summary>
    /// <param name="value">The part.</param>
    public void AppendLiteral(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        _format.Append(value.Replace("{", "{{", StringComparison.Ordinal).Replace("}", "}}", StringComparison.Ordinal));
    }

    /// <summary>Adds a fixed part.</summary>
    /// <param name="value">The part.</param>
    public void AppendFormatted(string? value) => AppendFormatted(value, null);

    /// <summary>Adds a fixed part.</summary>
    /// <param name="value">The part.</param>
    /// <param name="format">Null, or <c>uri</c>.</param>
    public void AppendFormatted(string? value, string? format = null)
    {
        var text = value ?? "";
        AppendLiteral(string.Equals(format, "uri", StringComparison.OrdinalIgnoreCase) ? Uri.EscapeDataString(text) : text);
    }

    /// <summary>Adds a value.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="valueProvider">The value.</param>
    public void AppendFormatted<T>(T valueProvider)
        where T : IValueProvider, IManifestExpressionProvider => AppendFormatted(valueProvider, null);

    /// <summary>Adds a value.</summary>
    /// <typeparam name="T">Its type.</typeparam>
    /// <param name="valueProvider">The value.</param>
    /// <param name="format">Null, or <c>uri</c>.</param>
    public void AppendFormatted<T>(T valueProvider, string? format)
        where T : IValueProvider, IManifestExpressionProvider
    {
        ArgumentNullException.ThrowIfNull(valueProvider);
        _format.Append(CultureInfo.InvariantCulture, $"{{{_providers.Count}}}");
        _providers.Add(valueProvider);
        _manifestExpressions.Add(valueProvider.ValueExpression);
        _stringFormats.Add(format);
    }

    /// <summary>Ends the expression.</summary>
    /// <returns>The expression.</returns>
    public ReferenceExpression Build() => new(_format.ToString(), [.. _providers], [.. _manifestExpressions], [.. _stringFormats]);
}
