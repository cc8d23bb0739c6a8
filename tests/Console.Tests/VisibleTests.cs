using PluginHost.WebConsole.Text;

namespace PluginHost.WebConsole.Tests;

/// <summary>Characters that are not drawn are shown by name.</summary>
public sealed class VisibleTests
{
    [Theory]
    [InlineData("a\u200Bb", "a⟨U+200B⟩b")]
    [InlineData("a\U000E0041b", "a⟨U+E0041⟩b")]
    [InlineData("family \U0001F468\u200D\U0001F469", "family \U0001F468\u200D\U0001F469")]
    public void What_is_drawn_as_nothing_has_a_name(string text, string shown) => Assert.Equal(shown, Visible.Show(text));
}
