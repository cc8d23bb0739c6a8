using System.Collections;
using System.Runtime.CompilerServices;

namespace PluginHost.Sdk.Testing.Conformance.Checks;

/// <summary>What cases expect. A failed expectation says what was expected and found, and of which expression.</summary>
internal static class Expect
{
    /// <summary>Expects equal values; lists are equal when their items are.</summary>
    public static void Equal<T>(T expected, T actual, [CallerArgumentExpression(nameof(actual))] string what = "") =>
        True(AreEqual(expected, actual), $"expected {Show(expected)}, found {Show(actual)}", what);

    /// <inheritdoc cref="Equal{T}(T, T, string)"/>
    public static void Equal<T>(IEnumerable<T> expected, IEnumerable<T> actual, [CallerArgumentExpression(nameof(actual))] string what = "") =>
        True(expected.SequenceEqual(actual), $"expected {Show(expected)}, found {Show(actual)}", what);

    public static void True(bool condition, string problem = "expected true", [CallerArgumentExpression(nameof(condition))] string what = "")
    {
        if (!condition) throw new ConformanceException($"{what}: {problem}.");
    }

    public static void False(bool condition, [CallerArgumentExpression(nameof(condition))] string what = "") => True(!condition, "expected false", what);

    public static void Null(object? value, [CallerArgumentExpression(nameof(value))] string what = "") =>
        True(value is null, $"expected nothing, found {Show(value)}", what);

    public static void Empty<T>(IEnumerable<T> items, [CallerArgumentExpression(nameof(items))] string what = "") =>
        True(!items.Any(), $"expected nothing, found {Show(items)}", what);

    public static T Single<T>(IEnumerable<T> items, [CallerArgumentExpression(nameof(items))] string what = "")
    {
        var all = items.ToList();
        True(all.Count == 1, $"expected one item, found {Show(all)}", what);
        return all[0];
    }

    public static void InRange(long value, long low, long high, [CallerArgumentExpression(nameof(value))] string what = "") =>
        True(value >= low && value <= high, $"expected {low} to {high}, found {value}", what);

    public static void All<T>(IEnumerable<T> items, Action<T> check)
    {
        foreach (var item in items) check(item);
    }

    public static async Task<T> ThrowsAsync<T>(Func<Task> call, [CallerArgumentExpression(nameof(call))] string what = "")
        where T : Exception
    {
        try
        {
            await call();
        }
        catch (T expected)
        {
            return expected;
        }
        catch (Exception e)
        {
            throw new ConformanceException($"{what}: expected {typeof(T).Name}, found {e.GetType().Name}: {e.Message}", e);
        }

        throw new ConformanceException($"{what}: expected {typeof(T).Name}, but nothing was thrown.");
    }

    private static bool AreEqual(object? expected, object? actual) => (expected, actual) switch
    {
        (string, _) => Equals(expected, actual),
        (IEnumerable left, IEnumerable right) => left.Cast<object?>().SequenceEqual(right.Cast<object?>()),
        _ => Equals(expected, actual),
    };

    private static string Show(object? value) => value switch
    {
        null => "nothing",
        string text => $"\"{text}\"",
        IEnumerable items => $"[{string.Join(", ", items.Cast<object?>().Select(Show))}]",
        _ => value.ToString() ?? "",
    };
}
