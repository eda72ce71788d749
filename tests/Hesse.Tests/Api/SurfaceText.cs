using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace Hesse.Tests.Api;

/// <summary>
/// What an assembly shows to programs that use it, as text: a block for each exported type and a line for each of its own members, in a fixed order, so that the
/// same surface is the same text on every machine. What the compiler adds to records and enums is left out.
/// </summary>
internal static class SurfaceText
{
    private const BindingFlags Declared =
        BindingFlags.Public
        | BindingFlags.NonPublic
        | BindingFlags.Instance
        | BindingFlags.Static
        | BindingFlags.DeclaredOnly;

    // Of every record; ToString and GetHashCode of a hand-written class say nothing about its use either.
    private static readonly string[] Synthesised =
    [
        "EqualityContract",
        "PrintMembers",
        "<Clone>$",
        "Deconstruct",
        "op_Equality",
        "op_Inequality",
        "Equals",
        "GetHashCode",
        "ToString",
    ];

    /// <summary>The whole surface.</summary>
    public static string Of(Assembly assembly)
    {
        StringBuilder text = new();
        foreach (Type type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Head(type)).Append('\n');
            IEnumerable<string> lines = IsDelegate(type) ? [] : Members(type);
            text.AppendJoin(string.Empty, lines.Select(line => $"    {line}\n")).Append('\n');
        }

        return text.ToString().TrimEnd('\n') + "\n";
    }

    private static string Head(Type type)
    {
        if (IsDelegate(type))
        {
            MethodInfo invoke = type.GetMethod("Invoke")!;
            return $"delegate {Returned(invoke)} {type.Namespace}.{Short(type)}({Parameters(invoke)})";
        }

        bool record = type.GetMethod("<Clone>$") is not null;
        string kind =
            type.IsEnum ? "enum"
            : type.IsInterface ? "interface"
            : type.IsValueType ? "struct"
            : type.IsAbstract && type.IsSealed ? "static class"
            : (
                type.IsAbstract ? "abstract "
                : type.IsSealed ? "sealed "
                : string.Empty
            ) + (record ? "record" : "class");
        Type[] inherited = type.BaseType is { } parent ? parent.GetInterfaces() : [];
        IEnumerable<string> parents = (
            type.BaseType is { } root && root != typeof(object) && !type.IsValueType
                ? [Short(root)]
                : Array.Empty<string>()
        ).Concat(
            type.GetInterfaces()
                .Where(one =>
                    one.IsVisible
                    && !inherited.Contains(one)
                    && !type.IsEnum
                    && !one.Name.StartsWith("IEquatable", StringComparison.Ordinal)
                )
                .Select(Short)
                .Order(StringComparer.Ordinal)
        );
        string colon = string.Join(", ", parents);
        string name = type.DeclaringType is { } outer ? $"{Short(outer)}.{Short(type)}" : Short(type);
        return $"{kind} {type.Namespace}.{name}{(colon.Length == 0 ? string.Empty : " : " + colon)}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return Enum.GetNames(type)
                .Select(name => $"{Convert.ToInt64(Enum.Parse(type, name), CultureInfo.InvariantCulture):D3} {name}");
        }

        NullabilityInfoContext context = new();
        IEnumerable<string> constructors = type.GetConstructors(Declared)
            .Where(one => Shown(one) && !one.IsStatic && !IsCopy(one))
            .OrderBy(one => one.GetParameters().Length)
            .Select(one => $"{Reach(one)}new({Parameters(one)})");
        IEnumerable<string> methods = type.GetMethods(Declared)
            .Where(one => Shown(one) && !one.IsSpecialName && !Synthesised.Contains(one.Name, StringComparer.Ordinal))
            .OrderBy(one => one.Name, StringComparer.Ordinal)
            .ThenBy(Parameters, StringComparer.Ordinal)
            .Select(one => $"{Reach(one)}{Binding(one)}{Returned(one)} {one.Name}{Generic(one)}({Parameters(one)})");
        IEnumerable<string> properties = type.GetProperties(Declared)
            .Where(one =>
                (Shown(one.GetMethod) || Shown(one.SetMethod))
                && !Synthesised.Contains(one.Name, StringComparer.Ordinal)
            )
            .OrderBy(one => one.Name, StringComparer.Ordinal)
            .Select(one =>
                $"{Binding((one.GetMethod ?? one.SetMethod)!)}{Named(one.PropertyType, context.Create(one))} {one.Name} {{ {Accessors(one)} }}{Required(one)}"
            );
        IEnumerable<string> fields = type.GetFields(Declared)
            .Where(one => one.IsPublic || one.IsFamily)
            .OrderBy(one => one.Name, StringComparer.Ordinal)
            .Select(one =>
                $"{(one.IsLiteral ? "const " : one.IsStatic ? "static " : string.Empty)}{(one.IsInitOnly ? "readonly " : string.Empty)}{Named(one.FieldType, context.Create(one))} {one.Name}{(one.IsLiteral ? $" = {Value(one.GetRawConstantValue())}" : string.Empty)}"
            );
        return fields.Concat(constructors).Concat(properties).Concat(methods);
    }

    private static bool Shown(MethodBase? method) =>
        method is { } one && (one.IsPublic || one.IsFamily || one.IsFamilyOrAssembly);

    private static bool IsDelegate(Type type) => type.BaseType == typeof(MulticastDelegate);

    // Of a record: the constructor that `with` calls.
    private static bool IsCopy(ConstructorInfo one) =>
        one.GetParameters() is [{ } only]
        && only.ParameterType == one.DeclaringType
        && one.DeclaringType!.GetMethod("<Clone>$") is not null;

    private static string Reach(MethodBase method) => method.IsPublic ? string.Empty : "protected ";

    private static string Binding(MethodInfo method) =>
        method.IsStatic ? "static "
        : method.DeclaringType!.IsInterface ? (method.IsAbstract ? string.Empty : "virtual ")
        : method.GetBaseDefinition() != method ? "override "
        : method.IsAbstract ? "abstract "
        : method.IsVirtual && !method.IsFinal ? "virtual "
        : string.Empty;

    private static string Accessors(PropertyInfo property)
    {
        List<string> all = [];
        if (Shown(property.GetMethod))
        {
            all.Add("get;");
        }

        if (Shown(property.SetMethod))
        {
            bool init = property
                .SetMethod!.ReturnParameter.GetRequiredCustomModifiers()
                .Contains(typeof(IsExternalInit));
            all.Add(init ? "init;" : "set;");
        }

        return string.Join(' ', all);
    }

    private static string Required(PropertyInfo property) =>
        property.IsDefined(typeof(RequiredMemberAttribute)) ? " required" : string.Empty;

    private static string Returned(MethodInfo method) =>
        Named(method.ReturnType, new NullabilityInfoContext().Create(method.ReturnParameter));

    private static string Generic(MethodInfo method) =>
        method.IsGenericMethod
            ? $"<{string.Join(", ", method.GetGenericArguments().Select(one => one.Name))}>"
            : string.Empty;

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(Parameter));

    private static string Parameter(ParameterInfo one)
    {
        string way =
            one.IsOut ? "out "
            : one.ParameterType.IsByRef
                ? one.IsIn ? "in "
                    : "ref "
            : string.Empty;
        string rest = one.HasDefaultValue ? $" = {Value(one.DefaultValue)}" : string.Empty;
        return $"{way}{Named(one.ParameterType, new NullabilityInfoContext().Create(one))} {one.Name}{rest}";
    }

    private static string Value(object? value) =>
        value switch
        {
            null => "default",
            string text => $"\"{text}\"",
            bool truth => truth ? "true" : "false",
            _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
        };

    // A type with the question marks of its reference types.
    private static string Named(Type type, NullabilityInfo? nullability)
    {
        if (type.IsByRef)
        {
            return Named(type.GetElementType()!, nullability);
        }

        if (Nullable.GetUnderlyingType(type) is { } underlying)
        {
            return $"{Named(underlying, null)}?";
        }

        string mark =
            !type.IsValueType && (nullability?.ReadState ?? nullability?.WriteState) == NullabilityState.Nullable
                ? "?"
                : string.Empty;
        if (type.IsArray)
        {
            return $"{Named(type.GetElementType()!, nullability?.ElementType)}[]{mark}";
        }

        if (!type.IsGenericType)
        {
            return Keyword(type) + mark;
        }

        NullabilityInfo[] inner = nullability?.GenericTypeArguments ?? [];
        IEnumerable<string> arguments = type.GetGenericArguments()
            .Select((one, i) => Named(one, i < inner.Length ? inner[i] : null));
        string inside = string.Join(", ", arguments);
        return type.FullName?.StartsWith("System.ValueTuple`", StringComparison.Ordinal) == true
            ? $"({inside})"
            : $"{type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)]}<{inside}>{mark}";
    }

    private static string Short(Type type) => Named(type, null);

    private static string Keyword(Type type) =>
        type.FullName switch
        {
            "System.Void" => "void",
            "System.Boolean" => "bool",
            "System.Byte" => "byte",
            "System.Int32" => "int",
            "System.UInt32" => "uint",
            "System.Int64" => "long",
            "System.UInt64" => "ulong",
            "System.Single" => "float",
            "System.Double" => "double",
            "System.String" => "string",
            "System.Object" => "object",
            _ => type.Name,
        };
}
