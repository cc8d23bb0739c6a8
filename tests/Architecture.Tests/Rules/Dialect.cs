using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using PluginHost.Architecture.Tables;

namespace PluginHost.Architecture.Rules;

/// <summary>Finds phrases and old names of <see cref="PlainWords"/> in a file's comments, string literals and declared names.</summary>
internal static partial class Dialect
{
    /// <summary>What a file says that should be said otherwise, as <c>path(line): "phrase": instead</c>.</summary>
    public static IEnumerable<string> Find(string path, string text)
    {
        var root = CSharpSyntaxTree.ParseText(text, new CSharpParseOptions(LanguageVersion.CSharp14, DocumentationMode.Parse)).GetRoot();
        foreach (var (position, words) in Comments(root).Concat(Literals(root)).Concat(Names(root)))
        {
            foreach (var phrase in PlainWords.Phrases)
            {
                if (phrase.Pattern.Match(words) is { Success: true } match)
                    yield return $"{path}({LineOf(root, position)}): \"{match.Value}\": {phrase.Instead}";
            }
        }

        foreach (var old in OldNames(root)) yield return $"{path}{old}";
    }

    /// <summary>Comments, those on consecutive lines joined to one: a phrase may be broken between two.</summary>
    private static IEnumerable<(int Position, string Words)> Comments(SyntaxNode root)
    {
        foreach (var token in root.DescendantTokens())
        {
            foreach (var list in new[] { token.LeadingTrivia, token.TrailingTrivia })
            {
                var comments = list.Where(t => t.IsKind(SyntaxKind.SingleLineCommentTrivia) || t.IsKind(SyntaxKind.MultiLineCommentTrivia) || t.HasStructure).ToList();
                if (comments.Count > 0) yield return (comments[0].SpanStart, Joined(string.Join(' ', comments.Select(c => c.ToFullString()))));
            }
        }
    }

    private static IEnumerable<(int Position, string Words)> Literals(SyntaxNode root) =>
        from token in root.DescendantTokens()
        where token.IsKind(SyntaxKind.StringLiteralToken) || token.IsKind(SyntaxKind.InterpolatedStringTextToken)
            || token.IsKind(SyntaxKind.SingleLineRawStringLiteralToken) || token.IsKind(SyntaxKind.MultiLineRawStringLiteralToken)
        select (token.SpanStart, Joined(token.ValueText));

    private static IEnumerable<(int Position, string Words)> Names(SyntaxNode root) =>
        from declared in Declared(root)
        select (declared.SpanStart, Camel().Replace(declared.ValueText.Replace('_', ' '), " "));

    private static IEnumerable<string> OldNames(SyntaxNode root)
    {
        foreach (var name in Declared(root))
        {
            string? instead = null;
            var type = name.Parent?.Ancestors().OfType<BaseTypeDeclarationSyntax>().FirstOrDefault()?.Identifier.ValueText;
            var isFound = name.Parent is BaseTypeDeclarationSyntax
                ? PlainWords.OldTypes.TryGetValue(name.ValueText, out instead)
                : PlainWords.OldMembers.TryGetValue($"{type}.{name.ValueText}", out instead)
                    || (IsStaticMethod(name.Parent) && PlainWords.OldMembers.TryGetValue($"*.{name.ValueText}", out instead));
            if (isFound) yield return $"({LineOf(root, name.SpanStart)}): the name \"{name.ValueText}\": {instead}";
        }
    }

    private static IEnumerable<SyntaxToken> Declared(SyntaxNode root) => root.DescendantNodes().Select(node => node switch
    {
        BaseTypeDeclarationSyntax type => type.Identifier,
        DelegateDeclarationSyntax type => type.Identifier,
        MethodDeclarationSyntax method => method.Identifier,
        LocalFunctionStatementSyntax method => method.Identifier,
        PropertyDeclarationSyntax property => property.Identifier,
        EnumMemberDeclarationSyntax member => member.Identifier,
        VariableDeclaratorSyntax variable => variable.Identifier,
        ParameterSyntax parameter => parameter.Identifier,
        _ => default,
    }).Where(identifier => identifier != default);

    private static bool IsStaticMethod(SyntaxNode? node) => node is MethodDeclarationSyntax method && method.Modifiers.Any(SyntaxKind.StaticKeyword);

    private static int LineOf(SyntaxNode root, int position) => root.SyntaxTree.GetLineSpan(new(position, 0)).StartLinePosition.Line + 1;

    private static string Joined(string text) => Blank().Replace(text, " ");

    [GeneratedRegex(@"(?:\s|///?|\*)+")]
    private static partial Regex Blank();

    [GeneratedRegex(@"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")]
    private static partial Regex Camel();
}
